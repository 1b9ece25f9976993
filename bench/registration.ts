import { execFile, fork, type ChildProcess } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import Fastify from "fastify";
import { Client, type Scope } from "../src/client/client.ts";
import { compose } from "../src/compose.ts";
import { type Hour, registrationId, type SubscriptionId, type TenantId } from "../src/domain/ids.ts";
import { createFirstCredential } from "../src/operations/credentials/first.ts";
import { readSettings } from "../src/settings.ts";
import { processorSeconds } from "./processorTime.ts";
import { median, report, rounded } from "./report.ts";

const SEED = 1;
const MiB = 2 ** 20;
const CONNECTIONS = 128;
const WARM_UP = ["-a", "40000"];
const FOR_SECONDS = ["-d", "5"];
const NORTH: Scope = { subscription: id("1", 1), resourceGroup: "azurestack", name: "north" };
const CUSTOMERS = `/subscriptions/${NORTH.subscription}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north/customerSubscriptions`;
const VERSION = "api-version=2017-06-01";
/** Requests are counted as ever, and none is refused. */
const UNLIMITED = { readsPerMinuteMax: "1000000000", writesPerMinuteMax: "1000000000" };
const DATASET = "100,000 mappings of one registration";
const MAPPINGS = 100_000;

function id(kind: string, n: number): string {
  return `${kind}0000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

interface Served {
  readonly url: string;
  readonly token: string;
}

const tell = (served: Served): void => void process.send?.(served);

/** A constant answer from the same HTTP library: what nothing can beat. Runs in a process of its own. */
export async function serveBare(): Promise<void> {
  const server = Fastify();
  const body = {
    id: CUSTOMERS,
    name: "north",
    type: "x".repeat(56),
    etag: '"0000"',
    properties: { tenantId: id("3", 1) },
  };
  server.get("/constant", async () => body);
  tell({ url: `${await server.listen({ host: "127.0.0.1", port: 0 })}/constant`, token: "" });
}

/** Stampbook with a token like a client's, plain HTTP like the bare server. Runs in a process of its own. */
export async function serveOurs(folder: string): Promise<void> {
  const settings = readSettings({ dataFolder: folder, logLevel: "silent", plainHttp: "true", ...UNLIMITED }, {});
  const stampbook = await compose(settings);
  const { context, server } = stampbook;
  const client = new Client({ socketPath: await stampbook.listenLocally() });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  context.signIn.urls.set([url]);
  const csp = { offerType: "CSP", partner: "contoso" };
  // Two subscriptions of one tenant, for writes that take turns.
  const customers = [0, 1].map((n) => ({ subscription: id("2", MAPPINGS + n), ...csp, tenant: id("3", 0) }));
  await client.putCatalogue([
    { subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" },
    ...customers,
  ]);
  const token = Buffer.from(JSON.stringify({ cloudId: "cloud", billingModel: "PayAsYouUse" })).toString("base64");
  await client.register(NORTH, token);
  await client.approval("north", "request");
  await client.approval("north", "approve");
  const now = context.clock.now();
  for (let from = 0; from < MAPPINGS; from += 5_000) {
    await context.control.transaction(async ({ tenancy }) => {
      for (let n = from; n < from + 5_000; n += 1) {
        await tenancy.addChange({
          registration: registrationId(1),
          tenant: id("3", n) as TenantId,
          customer: id("2", n) as SubscriptionId,
          effectiveHour: 0 as Hour,
          recordedAtMs: now,
          recordedBy: "bench",
        });
      }
    });
  }
  const credential = await createFirstCredential(context);
  if (credential === undefined) throw new Error("the folder was not new");
  const {
    secret = "",
    credential: { clientId },
  } = credential;
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: secret, resource: url };
  const answer = await fetch(`${url}/adfs/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });
  const { access_token } = (await answer.json()) as { access_token: string };
  tell({ url, token: access_token });
}

type Running = Served & { readonly process: ChildProcess };

async function start(args: readonly string[]): Promise<Running> {
  const child = fork(`${import.meta.dirname}/main.ts`, args);
  const served = await new Promise<Served>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Served));
    child.once("exit", () => reject(new Error(`${args.join(" ")} ended before it listened`)));
  });
  return { ...served, process: child };
}

interface Load {
  readonly requests: { readonly average: number };
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
}

const AUTOCANNON = `${import.meta.dirname}/../node_modules/autocannon/autocannon.js`;

interface Rate {
  readonly perSecond: number;
  /** Other work on the machine does not change this one. */
  readonly perProcessorSecond: number;
}

/** Requests for some seconds, or so many. */
async function load(server: Running, url: string, howMuch = FOR_SECONDS): Promise<Rate> {
  const args = ["-j", "-n", "-I", "-c", String(CONNECTIONS), ...howMuch];
  if (server.token !== "") args.push("-H", `authorization=Bearer ${server.token}`);
  const before = processorSeconds(server.process.pid!);
  const { stdout } = await promisify(execFile)(process.execPath, [AUTOCANNON, ...args, url]);
  const result = JSON.parse(stdout) as Load;
  const { non2xx, errors } = result;
  if (non2xx > 0 || errors > 0) throw new Error(`${url}: ${non2xx} refusals, ${errors} errors`);
  const spent = processorSeconds(server.process.pid!) - before;
  return { perSecond: result.requests.average, perProcessorSecond: result["2xx"] / spent };
}

/** Appends of one page with fdatasync a second: what a durable write cannot beat without sharing one. */
function syncsPerSecond(folder: string): number {
  const file = openSync(join(folder, "sync"), "a");
  const page = Buffer.alloc(4_096);
  const began = performance.now();
  let syncs = 0;
  for (; performance.now() - began < 2_000; syncs += 1) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  closeSync(file);
  return syncs / 2;
}

async function pageThrough({ url, token }: Served): Promise<number> {
  let rows = 0;
  for (let link: string | undefined = `${url}${CUSTOMERS}?${VERSION}&$top=1000`; link !== undefined; ) {
    const answer = await fetch(link, { headers: { authorization: `Bearer ${token}` } });
    const body = (await answer.json()) as { value: unknown[]; nextLink?: string };
    rows += body.value.length;
    link = body.nextLink;
  }
  return rows;
}

const rssOf = async (pid: number): Promise<number> => {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) * 1_024;
};

/** Reading and writing mappings over HTTP, against the bare HTTP library and the bare disk. */
export async function registration(quick: boolean): Promise<void> {
  const rounds = quick ? 1 : 3;
  const folder = mkdtempSync(join(import.meta.dirname, "../.bench/registration-"));
  const [bare, ours] = [await start(["--serve-bare"]), await start(["--serve-registration", join(folder, "data")])];
  try {
    const customer = `${ours.url}${CUSTOMERS}/${id("2", 1)}?${VERSION}`;
    const bareReads: Rate[] = [];
    const reads: Rate[] = [];
    const firstReads: Rate[] = [];
    const writes: number[] = [];
    const syncs: number[] = [];
    // Both are compiled while they run, and that takes processor time that no later second takes.
    for (const [server, url] of [
      [bare, bare.url],
      [ours, customer],
    ] as const)
      await load(server, url, WARM_UP);
    for (let round = 0; round < rounds; round += 1) {
      bareReads.push(await load(bare, bare.url));
      reads.push(await load(ours, customer));
      // Each request has another address for the same: no answer can be given again.
      firstReads.push(await load(ours, `${ours.url}${CUSTOMERS}/${id("2", 1)}?asked=[<id>]&${VERSION}`));
      writes.push(await alternate(ours));
      syncs.push(syncsPerSecond(folder));
    }
    const common = { bench: "registration", dataset: DATASET, seed: SEED, unit: "requests/s" };
    for (const by of ["perProcessorSecond", "perSecond"] as const) {
      const [value, baseline] = [reads, bareReads].map((rates) => median(rates.map((rate) => rate[by])));
      const ratio = value! / baseline!;
      report({
        ...common,
        measure: `GET customerSubscription with a bearer token, against a constant answer, ${by}, ${CONNECTIONS} connections`,
        value: rounded(value!),
        baseline: rounded(baseline!),
        ratio: rounded(ratio, 2),
        must: by === "perProcessorSecond" ? "ratio ≥ 0.5" : "reported",
        ok: quick || by === "perSecond" || ratio >= 0.5,
      });
    }
    const [first, constant] = [firstReads, bareReads].map((rates) =>
      median(rates.map(({ perProcessorSecond }) => perProcessorSecond)),
    );
    report({
      ...common,
      measure: "the same, each time by another address, so that no answer is remembered, perProcessorSecond",
      value: rounded(first!),
      baseline: rounded(constant!),
      ratio: rounded(first! / constant!, 2),
      must: "reported",
      ok: true,
    });
    report({
      ...common,
      measure: "PUT customerSubscription that changes the payer, durable, one after another; against write + fdatasync",
      value: rounded(median(writes)),
      baseline: rounded(median(syncs)),
      ratio: rounded(median(writes) / median(syncs), 2),
      must: "reported",
      ok: true,
    });
    await reportPaging(ours);
  } finally {
    for (const child of [bare.process, ours.process]) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function alternate({ url, token }: Served): Promise<number> {
  const began = performance.now();
  let writes = 0;
  const tenant = id("3", 0);
  for (; performance.now() - began < 3_000; writes += 1) {
    const answer = await fetch(`${url}${CUSTOMERS}/${id("2", MAPPINGS + (writes % 2))}?${VERSION}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ properties: { tenantId: tenant } }),
    });
    if (answer.status !== 200) throw new Error(`PUT: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }
  return writes / 3;
}

async function reportPaging(ours: Running): Promise<void> {
  await pageThrough(ours);
  const before = await rssOf(ours.process.pid!);
  const began = performance.now();
  const rows = await pageThrough(ours);
  const seconds = (performance.now() - began) / 1_000;
  const after = await rssOf(ours.process.pid!);
  report({
    bench: "registration",
    measure: `list of ${rows} mappings in pages of 1000: growth of the server's memory while it is read again`,
    value: rounded((after - before) / MiB),
    unit: "MiB",
    baseline: rounded(rows / seconds),
    ratio: null,
    must: "≤ 20 MiB; the baseline is rows/s",
    ok: rows === MAPPINGS && after - before <= 20 * MiB,
    dataset: DATASET,
    seed: SEED,
  });
}
