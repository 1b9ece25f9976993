import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { registrationToken, type Stamp } from "../../simulator/stamps.ts";
import { ndjson } from "../../simulator/usage.ts";
import { createWorld, type World } from "../../simulator/world.ts";
import { addCounts, importFile, recordsIn } from "../cli/usageImport.ts";
import type { Client } from "../client/client.ts";
import { piecesOf } from "../client/pieces.ts";
import type { ExplanationInfo, IntakeCounts, StatementRunInfo, StatementSummaryInfo } from "../client/types.ts";
import { hourStartMs } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { DAY_MS, type InstantMs } from "../lib/instant.ts";
import { guid } from "../lib/prng.ts";
import { inCatalogueOrder, type ProvokedRefusal, provokeOthers, provokeUnauthorized } from "./refusals.ts";

/** Demo time: the month is played as it would have happened, mapping changes at their own moment. */
export interface DemoClock {
  now(): InstantMs;
  set(instant: InstantMs): void;
}

export interface DemoOptions {
  readonly seed: number;
  readonly period: string;
  readonly records: number;
  readonly folder: string;
}

/** What the demo hears while it goes. */
export interface Listener {
  step(name: "register" | "approve" | "map" | "usage" | "again" | "bad" | "statements" | "explain"): void;
  progress(records: number): void;
}

export interface DemoResult {
  readonly world: World;
  readonly refusals: readonly ProvokedRefusal[];
  /** The month itself. */
  readonly month: IntakeCounts;
  /** The month, its repeated file and the file of wrong records. */
  readonly counts: IntakeCounts;
  readonly usageSeconds: number;
  readonly again: IntakeCounts;
  readonly run: StatementRunInfo;
  readonly statements: readonly StatementSummaryInfo[];
  readonly lineCounts: number;
  readonly explanation: ExplanationInfo;
  readonly files: { readonly window: string; readonly bad: string };
}

/** The id that the upstream service fails on; nothing is in the catalogue under it. */
export const troubledSubscription = (seed: number): string => guid(seed, 0x75707374);

const byName = (world: World, name: string): Stamp => world.stamps.find((stamp) => stamp.name === name)!;

/** Plays a month of one partner through the public API, and nothing but the API. */
export async function playDemo(
  client: Client,
  clock: DemoClock,
  options: DemoOptions,
  listener: Listener,
): Promise<DemoResult> {
  const world = createWorld(options);
  const startMs = hourStartMs(world.period.from);
  clock.set(startMs - DAY_MS);
  listener.step("register");
  const unauthorized = await registerAll(client, world);
  listener.step("approve");
  for (const { scope, billingModel } of world.stamps) {
    if (billingModel !== "PayAsYouUse") continue;
    await client.approval(scope.name, "request", "tenants of several customers");
    await client.approval(scope.name, "approve", "contract signed");
  }
  const refusals = inCatalogueOrder([unauthorized, ...(await provokeOthers(client, castOf(world)))]);
  listener.step("map");
  await playMappings(client, clock, world);

  clock.set(hourStartMs(world.period.to) + 2 * DAY_MS);
  listener.step("usage");
  const began = performance.now();
  const month = await sendUsage(client, world, listener);
  const usageSeconds = (performance.now() - began) / 1_000;
  listener.step("again");
  const files = writeFiles(options.folder, world);
  const again = await importFile(client, byName(world, "north").scope.name, files.window, { progress: false });
  listener.step("bad");
  const bad = await importFile(client, byName(world, "north").scope.name, files.bad, { progress: false });
  listener.step("statements");
  const run = await client.runStatements(options.period);
  const statements = await client.statements(options.period);
  listener.step("explain");
  return {
    world,
    refusals,
    month,
    counts: [again.counts, bad.counts].reduce(addCounts, month),
    usageSeconds,
    again: again.counts,
    run,
    statements,
    lineCounts: statements.reduce((sum, { lineCount }) => sum + lineCount, 0),
    explanation: await explainReplacedTenant(client, world, statements),
    files,
  };
}

async function registerAll(client: Client, world: World): Promise<ProvokedRefusal> {
  for (let from = 0; from < world.catalogue.length; from += LIMITS.importRowsMax) {
    await client.putCatalogue(world.catalogue.slice(from, from + LIMITS.importRowsMax));
  }
  for (const stamp of world.stamps) {
    await client.register(stamp.scope, registrationToken(stamp));
    const local = world.localSubscriptions(stamp);
    for (let from = 0; from < local.length; from += LIMITS.importRowsMax) {
      await client.putLocalSubscriptions(stamp.scope.name, local.slice(from, from + LIMITS.importRowsMax));
    }
  }
  return await provokeUnauthorized(client, byName(world, "north").scope, world.tenants[0]!.customerSubscription);
}

function castOf(world: World) {
  const [enterprise, foreign] = [
    world.catalogue.find(({ offerType }) => offerType === "EA")!,
    world.catalogue.find(({ partner }) => partner === "northwind")!,
  ];
  return {
    approved: byName(world, "north").scope,
    capacity: byName(world, "edge").scope,
    customer: world.tenants[0]!.customerSubscription,
    enterprise: enterprise.subscription,
    foreign: foreign.subscription,
    unknown: guid(world.seed, 0x6e6f6e65),
    troubled: troubledSubscription(world.seed),
  };
}

async function playMappings(client: Client, clock: DemoClock, world: World): Promise<void> {
  const mapped = new Map<string, string>();
  for (const { atMs, stamp, tenant, customerSubscription } of world.mappingSteps) {
    clock.set(atMs);
    const { scope } = byName(world, stamp);
    const key = `${stamp} ${tenant}`;
    if (customerSubscription !== null) {
      await client.map(scope, customerSubscription);
      mapped.set(key, customerSubscription);
    } else {
      const removed = mapped.get(key);
      if (removed !== undefined) await client.unmap(scope, removed);
    }
  }
}

async function sendUsage(client: Client, world: World, listener: Listener): Promise<IntakeCounts> {
  let counts: IntakeCounts = { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };
  for (const stamp of world.stamps) {
    for await (const { bytes } of piecesOf(ndjson(world, stamp), LIMITS.importPieceBytesMax)) {
      const intake = await client.takeIn(stamp.scope.name, { bytes, type: "application/x-ndjson" });
      counts = addCounts(counts, intake.counts);
      listener.progress(recordsIn(counts));
    }
  }
  return counts;
}

/** A window that was sent already, and records that are wrong on purpose, as files to play with. */
function writeFiles(folder: string, world: World): DemoResult["files"] {
  const files = { window: join(folder, "north-first-hours.ndjson"), bad: join(folder, "bad-records.ndjson") };
  const [first] = ndjson(world, byName(world, "north"));
  const lines = first!.subarray(0, first!.lastIndexOf(0x0a) + 1);
  writeFileSync(files.window, lines);
  const good = lines.subarray(0, lines.indexOf(0x0a)).toString("utf8");
  const quantity = /"quantity":[^,]+/;
  const bad = [
    good.replace(quantity, '"quantity":-1.0'),
    good.replace(quantity, '"quantity":NaN'),
    good.replace(quantity, '"quantity":"24,10"'),
    good.replace(/"usageEndTime":"[^"]+"/, '"usageEndTime":"2099-01-01T00:00:00+00:00"'),
    good.slice(0, 200),
  ];
  writeFileSync(files.bad, `${bad.join("\n")}\n`);
  return files;
}

/** The line with most records on the statement of the payer that took a tenant over in the middle of the month. */
async function explainReplacedTenant(
  client: Client,
  world: World,
  statements: readonly StatementSummaryInfo[],
): Promise<ExplanationInfo> {
  const summary = statements.find(({ payer }) => payer === world.replacement) ?? statements[0]!;
  const { lines } = await client.statement(summary.number);
  const most = lines.reduce((best, line) => (line.records > best.records ? line : best));
  return await client.explain(summary.number, most.line, { limit: 5 });
}
