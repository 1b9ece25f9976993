import { readFileSync } from "node:fs";
import { request } from "node:https";
import { expect, test } from "vitest";
import { closeAtEnd, temporaryFolder } from "../../test/support/temporary.ts";
import { parseInstant } from "../../src/lib/instant.ts";
import { startHub } from "./hub.ts";

const at = (text: string): number => parseInstant(text)!;
const FROM = "2024-02-01T00:00:00Z";

const hub = closeAtEnd(
  await startHub({
    seed: 7,
    records: 4_000_000,
    fromMs: at(FROM),
    nowMs: at("2024-02-10T12:30:00Z"),
    folder: temporaryFolder(),
  }),
);
const ca = readFileSync(hub.caFile);

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const ask = (path: string, { method = "GET", body = "", token = "" } = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const url = path.startsWith("https:") ? path : hub.url + path;
    const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
    const call = request(url, { ca, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    call.on("error", reject);
    call.end(body);
  });

const signIn = async (client = hub.clientId): Promise<string> => {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: client,
    client_secret: hub.clientSecret,
  });
  const { text } = await ask("/adfs/oauth2/token", { method: "POST", body: body.toString() });
  return (JSON.parse(text) as { access_token: string }).access_token;
};

const usagePath = (start: string, end: string, more = "&aggregationGranularity=Hourly"): string =>
  `/subscriptions/${hub.providerSubscription}/providers/Microsoft.Commerce.Admin/subscriberUsageAggregates` +
  `?api-version=2015-06-01-preview&reportedStartTime=${start}&reportedEndTime=${end}${more}`;

interface Shown {
  readonly properties: Readonly<Record<"subscriptionId" | "meterId" | "usageStartTime" | "instanceData", string>>;
}

async function readAll(path: string, token: string): Promise<{ rows: Shown[]; sizes: number[] }> {
  const [rows, sizes]: [Shown[], number[]] = [[], []];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, text } = await ask(next, { token });
    expect(status, text).toBe(200);
    const page = JSON.parse(text) as { readonly value: readonly Shown[]; readonly nextLink?: string };
    rows.push(...page.value);
    sizes.push(page.value.length);
    next = page.nextLink;
  }
  return { rows, sizes };
}

const uriOf = ({ properties }: Shown): string =>
  (JSON.parse(properties.instanceData) as { "Microsoft.Resources": { resourceUri: string } })["Microsoft.Resources"]
    .resourceUri;
const keyOf = (row: Shown): string =>
  `${row.properties.usageStartTime.slice(0, 19)} ${row.properties.meterId.toLowerCase().replaceAll("-", "")} ${uriOf(row)}`;

test("an operator's client reads a window page by page, and has exactly what there is in truth", async () => {
  const token = await signIn();
  const { rows, sizes } = await readAll(usagePath("2024-02-09T10:00:00.0000000+00:00", "2024-02-09T11:00:00Z"), token);
  const truth = [...hub.truth.records(at("2024-02-09T10:00:00Z"), at("2024-02-09T11:00:00Z"))];
  expect(sizes.slice(0, -1)).toEqual(sizes.slice(0, -1).map(() => 1_000));
  expect(sizes.length).toBeGreaterThan(2);
  const wanted = truth.map(
    ({ usageStartMs, meter, resourceUri }) =>
      `${new Date(usageStartMs).toISOString().slice(0, 19)} ${meter} ${resourceUri}`,
  );
  expect(rows.map(keyOf).sort()).toEqual(wanted.sort());
});
