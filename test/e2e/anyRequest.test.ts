import { DEFAULT_ANSWERS } from "../support/answers.ts";
import { connect } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { pino } from "pino";
import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/compose.ts";
import { LOCAL_ADMINISTRATOR } from "../../src/domain/access/caller.ts";
import { FAULT_CODES } from "../../src/domain/faults/catalogue.ts";
import { addRoutes } from "../../src/http/route.ts";
import { answerUnreadable, createServer } from "../../src/http/server.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
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
// process lives. Method: bytes on a socket to the real routes and stores, as an administrator, whom nothing stops early.

let stampbook: TestStampbook;
let socketPath = "";
const logged: string[] = [];
const SECRET = "hush-4d1c8e";

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  await registerNorth(stampbook);
  const server = createServer(pino({ level: "trace" }, { write: (line) => void logged.push(line) }), {
    answers: DEFAULT_ANSWERS,
  });
  addRoutes(server, ROUTES, stampbook.stampbook.context, async (request) => ({
    caller: { ...LOCAL_ADMINISTRATOR, address: "local", correlationId: request.id },
    untilMs: 0,
  }));
  socketPath = join(temporaryFolder(), "socket");
  server.server.on("clientError", answerUnreadable);
  await server.listen({ path: socketPath });
  closeAtEnd({ close: () => server.close() });
});

/** Sends bytes and gives all that comes back until the server closes, or has been quiet for long. */
const raw = (bytes: Buffer | string): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(socketPath, () => socket.write(bytes));
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
  readonly body: string;
}

function parse(text: string): Shown {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body: rest.join("\r\n\r\n") };
}

const ALLOWED_5XX = ["MetadataResolverBadGatewayError", "UsageEngineUnavailable", "IssuerUnavailable"];

/** The rule for every answer: below 400, or the envelope with a code of the catalogue, or a refused sign-in. */
function mustBeCatalogued({ status, body }: Shown, isHead = false): void {
  expect(status).toBeGreaterThanOrEqual(200);
  if (status < 400 || isHead) return;
  // The sign-in page tells a person what is wrong.
  if (body.startsWith("<!doctype html>")) return expect([400, 401, 404, 429]).toContain(status);
  const { error } = JSON.parse(body) as { error: string | { code: string; message: string; details: unknown } };
  // The token endpoint's refusals have the shape and the codes of OAuth.
  if (typeof error === "string") return expect(error).toMatch(/^(invalid_|unauthorized_|unsupported_)\w+$/);
  expect(FAULT_CODES).toContain(error.code);
  expect(typeof error.message).toBe("string");
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

const SECRETS = `Authorization: Bearer ${SECRET}\r\nCookie: s=${SECRET}\r\nx-ms-secret: ${SECRET}\r\n`;

function mustBeReadableLog(): void {
  for (const lines of logged.splice(0)) {
    expect(lines.includes(SECRET)).toBe(false);
    for (const line of lines.split("\n").filter((so) => so !== "")) {
      expect(JSON.parse(line)).toHaveProperty("level");
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(/[\u0000-\u001f]/.test(line)).toBe(false);
    }
  }
}

describe("any request", () => {
  test("gives an answer of the catalogue, and a log that is JSON and tells no secrets", async () => {
    const request = fc.asyncProperty(path, query, headers, body, async ([method, url], asked, given, sent) => {
      const bytes = Buffer.from(sent, "utf8");
      const withBody = method === "GET" || method === "HEAD" ? Buffer.alloc(0) : bytes;
      const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
      const host = "Host" in given ? "" : "Host: stampbook.test\r\n";
      const head = `${method} ${url}?${asked}&client_secret=${SECRET} HTTP/1.1\r\n${host}${lines.join("")}${SECRETS}Content-Length: ${withBody.length}\r\nConnection: close\r\n\r\n`;
      mustBeCatalogued(parse(await raw(Buffer.concat([Buffer.from(head, "latin1"), withBody]))), method === "HEAD");
      mustBeReadableLog();
    });
    await fc.assert(request, { numRuns: 1_500, interruptAfterTimeLimit: 15_000 });
    expect(await stampbook.client.registrations()).toBeInstanceOf(Array);
  });
});

describe("bytes that are no request", () => {
  const tooLong = `GET / HTTP/1.1\r\nHost: a\r\nx: ${"a".repeat(40_000)}\r\n\r\n`;
  test.each([
    ["a bad request line", "HELLO\r\n\r\n"],
    ["an unknown method", "BREW /v1/version HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an unknown version", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"],
    ["a header that is too large", tooLong],
    ["a length that is no number", "POST /v1/usage HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n"],
    ["a length and chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"],
    ["a chunk that is none", "PUT /v1/usage HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["a header without a colon", "GET / HTTP/1.1\r\nHost a\r\n\r\n"],
    ["garbage in a pipeline", "GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n\u0001\u0002garbage\r\n\r\n"],
    ["no Host", "GET /v1/version HTTP/1.1\r\n\r\n"],
    ["an expectation", "POST /v1/usage HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nConnection: close\r\n\r\n"],
    ["no such route", "GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["a path that cannot be decoded", "GET /v1/registrations/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
  ])("%s", async (_, bytes) => {
    const answers = (await raw(bytes)).split(/(?=HTTP\/1\.1 \d{3} )/);
    const last = parse(answers.at(-1)!);
    expect(last.status).toBeGreaterThanOrEqual(400);
    mustBeCatalogued(last);
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
