import { DEFAULT_ANSWERS } from "../support/answers.ts";
import { type AddressInfo, connect } from "node:net";
import fc from "fast-check";
import { pino } from "pino";
import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/compose.ts";
import { FAULT_CODES } from "../../src/domain/faults/catalogue.ts";
import { identify } from "../../src/http/identify.ts";
import { addRoutes } from "../../src/http/route.ts";
import { createServer } from "../../src/http/server.ts";
import { OAUTH_ERROR_CODES } from "../../src/identity/issuer/oauth.ts";
import { checkTokens } from "../../src/identity/tokenCheck.ts";
import { OUTSIDE_AUDIENCE, type OutsideIssuer, outsideIssuer } from "../support/outsideIssuer.ts";
import { closeAtEnd } from "../support/temporary.ts";
import {
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  registerStamp,
  type TestStampbook,
  tokenOf,
} from "../support/world.ts";

// Goal: whatever arrives, the answer is one of the catalogue, the log stays readable and holds no secret, and the
// process lives. Method: bytes on a socket to the real routes, token checks and stores; a third of the callers is an
// administrator, whom nothing stops early, the others show less or nonsense. A run that was cut short fails.

let stampbook: TestStampbook;
let port = 0;
let issuer: OutsideIssuer;
let tokens: { readonly owner: string; readonly reader: string; readonly expired: string };
const logged: string[] = [];
const SECRET = "hush-4d1c8e";

const OWNER = "50000000-0000-4000-8000-000000000001";
const READER = "50000000-0000-4000-8000-000000000002";

beforeAll(async () => {
  issuer = closeAtEnd(await outsideIssuer());
  const oidcIssuers = JSON.stringify([{ issuer: issuer.url, audiences: [OUTSIDE_AUDIENCE] }]);
  stampbook = closeAtEnd(await openStampbook({ settings: { oidcIssuers } }));
  await registerNorth(stampbook);
  const { client, clock } = stampbook;
  await client.grantAccess("/", { role: "Owner", principal: OWNER });
  await client.grantAccess("/", { role: "Reader", principal: READER });
  const nowMs = clock.now();
  tokens = {
    owner: await issuer.token(nowMs, { oid: OWNER, upn: "owner" }),
    reader: await issuer.token(nowMs, { oid: READER, upn: "reader" }),
    expired: await issuer.token(nowMs, { oid: OWNER, exp: nowMs / 1_000 - 9_000 }),
  };
  const server = createServer(pino({ level: "trace" }, { write: (line) => void logged.push(line) }), {
    answers: DEFAULT_ANSWERS,
  });
  const { context } = stampbook.stampbook;
  addRoutes(server, ROUTES, context, identify(checkTokens(context)));
  await server.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = server.server.address() as AddressInfo);
  closeAtEnd({ close: () => server.close() });
});

/** Sends bytes and gives all that comes back until the server closes, or has been quiet for long. */
const raw = (bytes: Buffer | string): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    socket.setTimeout(2_000, done);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", done);
    socket.on("close", done);
  });

interface Shown {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

function parse(text: string): Shown {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
    head: head.toLowerCase(),
    body: rest.join("\r\n\r\n"),
  };
}

const ALLOWED_5XX = ["MetadataResolverBadGatewayError", "UsageEngineUnavailable", "IssuerUnavailable"];

/** The page on which people sign in tells them what is wrong, and runs nothing that was sent. */
function mustBeSignInPage({ status, head, body }: Shown): void {
  expect([400, 429]).toContain(status);
  expect(head).toContain("content-type: text/html; charset=utf-8");
  expect(head).toMatch(
    /content-security-policy: default-src 'none'; style-src 'sha256-[^;]*; form-action 'self' ?[^;]*; frame-ancestors 'none'/,
  );
  expect(body).toContain("<title>");
  expect(body).not.toMatch(/<script|javascript:|\son\w+=/i);
}

/** The rule for every answer: below 400, or the envelope with a code of the catalogue, or a refused sign-in. */
function mustBeCatalogued(shown: Shown, url: string, isHead = false): void {
  const { status, head, body } = shown;
  expect(status).toBeGreaterThanOrEqual(200);
  expect(head).toMatch(/\r\nx-ms-request-id: [0-9a-f-]{36}/);
  expect(head).toMatch(/\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d gmt/);
  if (status < 400 || isHead) return;
  const path = url.split("?")[0]!.toLowerCase();
  if (body.startsWith("<!doctype html>")) {
    expect(path).toMatch(/\/oauth2\/.*authorize|\/authorize/);
    return mustBeSignInPage(shown);
  }
  const { error, error_description: description } = JSON.parse(body) as {
    error: string | { code: string; message: string };
    error_description?: string;
  };
  // Refusals of the token endpoint, and of the configuration of a directory that is not ours, have OAuth's shape.
  if (typeof error === "string") {
    expect(path).toMatch(/token|\.well-known|authorize/);
    expect(OAUTH_ERROR_CODES).toContain(error);
    expect(description).toMatch(/\S/);
    return expect([400, 401, 429]).toContain(status);
  }
  expect(FAULT_CODES).toContain(error.code);
  expect(typeof error.message).toBe("string");
  if (status === 401) expect(head).toContain("\r\nwww-authenticate: bearer");
  if (status >= 500) expect(ALLOWED_5XX).toContain(error.code);
}

const nasty = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("..", ".", "%2F", "%", "%zz", "%00", "%e0%a4", "'); drop table registration;--", "_%", "İ", "K"),
  fc.constantFrom("constructor", "__proto__", "$filter", "null", "-1", "9".repeat(40), "\u0000", "\r\nx: y"),
  fc.integer({ min: 1, max: 9_000 }).map((length) => "a".repeat(length)),
);
const known = fc.constantFrom(ids.registration, ids.customer, "azurestack", "north", "Microsoft.AzureStack", "2024-02");
/** Percent-encoded, or as it is as far as a request line can hold it. */
const segment = fc
  .tuple(fc.oneof(known, nasty), fc.boolean())
  .map(([text, encoded]) =>
    encoded ? encodeURIComponent(text.toWellFormed()) : text.replace(/[^\x21-\x7e\x80-\xff]/g, ""),
  );

const VALUES: Readonly<Record<string, string>> = {
  subscription: ids.registration,
  resourceGroup: "azurestack",
  registration: "north",
  customer: ids.customer,
  namespace: "Microsoft.AzureStack",
};

const path = fc.constantFrom(...ROUTES).chain(({ method, path: template }) => {
  const parts = template.split("/").map((part) => {
    if (part === "*") return segment;
    if (!part.startsWith(":")) return fc.oneof({ weight: 30, arbitrary: fc.constant(part) }, segment);
    const usual = VALUES[part.slice(1)];
    return usual === undefined ? segment : fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, segment);
  });
  return fc.tuple(
    fc.constant(method),
    fc.tuple(...parts).map((filled) => `/${filled.join("/").replace(/^\/+/, "")}`),
  );
});

const query = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom("$filter", "$top", "$skipToken", "scope", "registration", "period", "limit"), segment),
      segment,
    ),
    { maxLength: 4 },
  )
  .chain((pairs) =>
    fc
      .constantFrom("api-version=2017-06-01", "api-version=2021-04-01", "api-version=x", "")
      .map((version) => [version, ...pairs.map((pair) => pair.join("="))].join("&")),
  );

const headerText = nasty.map((text) => text.replace(/[^\x20-\x7e\x80-\xff]/g, "").slice(0, 2_000));
const headers = fc.dictionary(
  fc.constantFrom(
    "If-Match",
    "If-None-Match",
    "Accept-Language",
    "Content-Type",
    "Content-Encoding",
    "x-ms-correlation-request-id",
    "x-ms-client-request-id",
    "x-ms-return-client-request-id",
    "Host",
  ),
  fc.oneof(headerText, fc.constantFrom("*", "true", "zh-Hans", "gzip", "application/json", "text/csv")),
  { maxKeys: 4 },
);
const body = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary" }),
  fc
    .record({
      location: fc.oneof(fc.constant("global"), fc.anything()),
      tags: fc.anything(),
      properties: fc.anything(),
    })
    .map((so) => {
      try {
        return JSON.stringify(so) ?? "";
      } catch {
        return "{";
      }
    }),
);

/** Who asks: somebody whom nothing stops, somebody who may only read, and all sorts of nobodies. */
const authorization = fc.oneof(
  { weight: 4, arbitrary: fc.constant("owner" as const).map((who) => `Bearer ${tokens[who]}`) },
  { weight: 2, arbitrary: fc.constant("reader" as const).map((who) => `bearer  ${tokens[who]}`) },
  { weight: 1, arbitrary: fc.constant("expired" as const).map((who) => `Bearer ${tokens[who]}`) },
  { weight: 1, arbitrary: fc.constant(`Bearer ${SECRET}`) },
  { weight: 1, arbitrary: fc.constantFrom("", "Basic eDp5", "Bearer", "Bearer a.b.c", "Bearer ..", "Negotiate x") },
  {
    weight: 1,
    arbitrary: fc.nat(600).map((at) => `Bearer ${tokens.owner.slice(0, at)}A${tokens.owner.slice(at + 1)}`),
  },
  { weight: 2, arbitrary: headerText },
);
const SECRETS = `Cookie: s=${SECRET}\r\nx-ms-secret: ${SECRET}\r\n`;

function mustBeReadableLog(): void {
  for (const lines of logged.splice(0)) {
    for (const secret of [SECRET, ...Object.values(tokens)]) expect(lines.includes(secret)).toBe(false);
    for (const line of lines.split("\n").filter((so) => so !== "")) {
      expect(JSON.parse(line)).toHaveProperty("level");
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(/[\u0000-\u001f]/.test(line)).toBe(false);
    }
  }
}

const RUNS = 1_200;
const RUN_MS_MAX = 240_000;

describe("any request", () => {
  test("gives an answer of the catalogue, and a log that is JSON and tells no secrets", async () => {
    const request = fc.asyncProperty(
      path,
      query,
      fc.tuple(headers, authorization),
      body,
      async ([method, url], asked, [given, who], sent) => {
        const bytes = Buffer.from(sent, "utf8");
        const withBody = method === "GET" || method === "HEAD" ? Buffer.alloc(0) : bytes;
        const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
        const host = "Host" in given ? "" : "Host: stampbook.test\r\n";
        const head = `${method} ${url}?${asked}&client_secret=${SECRET} HTTP/1.1\r\n${host}${lines.join("")}Authorization: ${who}\r\n${SECRETS}Content-Length: ${withBody.length}\r\nConnection: close\r\n\r\n`;
        mustBeCatalogued(
          parse(await raw(Buffer.concat([Buffer.from(head, "latin1"), withBody]))),
          url,
          method === "HEAD",
        );
        mustBeReadableLog();
      },
    );
    // On a slow machine it takes longer; what was not tried is not proven.
    await fc.assert(request, { numRuns: RUNS, interruptAfterTimeLimit: RUN_MS_MAX, markInterruptAsFailure: true });
    expect(await stampbook.client.registrations()).toBeInstanceOf(Array);
  });
});

describe("bytes that are no request", () => {
  const tooLong = `GET / HTTP/1.1\r\nHost: a\r\nx: ${"a".repeat(40_000)}\r\n\r\n`;
  test.each<[string, string, number?, string?]>([
    ["a bad request line", "HELLO\r\n\r\n"],
    ["an unknown method", "BREW /v1/version HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an unknown version", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"],
    ["a header that is too large", tooLong, 431, "RequestHeadTooLarge"],
    [
      "a request line that is too large",
      `GET /${"a".repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      431,
      "RequestHeadTooLarge",
    ],
    ["a length that is no number", "POST /v1/usage HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n"],
    ["a length and chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"],
    ["a chunk that is none", "PUT /v1/usage HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["a header without a colon", "GET / HTTP/1.1\r\nHost a\r\n\r\n"],
    ["garbage in a pipeline", "GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n\u0001\u0002garbage\r\n\r\n"],
    ["no Host", "GET /v1/version HTTP/1.1\r\n\r\n"],
    ["an expectation", "POST /v1/usage HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nConnection: close\r\n\r\n"],
    ["no such route", "GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["a path that cannot be decoded", "GET /v1/registrations/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
  ])("%s", async (_, bytes, status, code) => {
    const answers = (await raw(bytes)).split(/(?=HTTP\/1\.1 \d{3} )/);
    const last = parse(answers.at(-1)!);
    expect(last.status).toBeGreaterThanOrEqual(400);
    mustBeCatalogued(last, "/");
    if (status !== undefined)
      expect([last.status, (JSON.parse(last.body) as { error: { code: string } }).error.code]).toEqual([status, code]);
    mustBeReadableLog();
    expect(await raw("GET /v1/version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test("names that look like SQL are stored and found as they are", async () => {
  const { client } = stampbook;
  const names = ["'); drop table registration;--", "_orth", "ÄÖ-Ünit", "n'o\"r`t", "北京", "a_b"];
  for (const [i, name] of names.entries()) await registerStamp(client, { ...NORTH, name }, tokenOf(`cloud-sql-${i}`));
  const stored = (await client.registrations()).map((so) => so.name);
  expect(stored).toEqual(expect.arrayContaining(names));
  for (const name of names) expect((await client.registration(name)).name).toBe(name);
  // No wildcard finds what it would match.
  await expect(client.registration("n_rth")).rejects.toMatchObject({ code: "RegistrationNotFound" });
});
