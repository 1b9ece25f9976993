import { afterAll, beforeAll, expect, test } from "vitest";
import { troubledSubscription, playDemo } from "../../src/demo/scenario.ts";
import { startTroubledUpstream } from "../../src/demo/upstream.ts";
import type { SettingName } from "../../src/settings.ts";
import { CLUSTER, type ClickhouseServers, startClickhouse } from "../support/clickhouseServer.ts";
import { openStampbook } from "../support/world.ts";

// Goal: a whole month, from intake over statements and conservation to the explanation of lines, is the same on the
// embedded engine, on a server and on a cluster. Method: the demo's month through the whole product, opened by settings
// alone; everything that a billing team can read is compared.

const SEED = 7;
const PERIOD = "2024-02";
const RECORDS = 5_000;
const LINES_EXPLAINED_MAX = 12;

let one: ClickhouseServers;
let two: ClickhouseServers;
beforeAll(async () => {
  one = await startClickhouse(1);
  two = await startClickhouse(2);
});
afterAll(async () => {
  await one.close();
  await two.close();
});

async function playMonth(settings: Partial<Record<SettingName, string>>) {
  const upstream = await startTroubledUpstream(troubledSubscription(SEED));
  const stampbook = await openStampbook({ resolverUrl: upstream.url, settings });
  const { client, folder } = stampbook;
  let nowMs = 0;
  const clock = { now: () => nowMs, set: (ms: number) => (nowMs = ms) };
  Object.assign(stampbook.stampbook.context.clock, { now: clock.now });
  const listener = { step: () => undefined, progress: () => undefined };
  const played = await playDemo(client, clock, { seed: SEED, period: PERIOD, records: RECORDS, folder }, listener);
  const statements = [];
  for (const { number } of played.statements) statements.push(await client.statement(number));
  const explained = [];
  for (const { number, lines } of statements) {
    for (let line = 1; line <= lines.length && explained.length < LINES_EXPLAINED_MAX; line += 1) {
      explained.push(await client.explain(number, line));
    }
  }
  const told = {
    counts: played.counts,
    again: played.again,
    conservation: played.run.conservation,
    parked: await client.parked(),
    statements,
    explained,
  };
  await stampbook.close();
  await upstream.close();
  // Ids of requests and of credentials are new each time; nothing of the month is.
  return JSON.parse(JSON.stringify(told)) as typeof told;
}

/** Rows that a server stores itself. */
async function rowsOn(url: string, table: string): Promise<number> {
  const answer = await fetch(`${url}/?query=${encodeURIComponent(`select count() from stampbook.${table}`)}`);
  return Number(await answer.text());
}

test("a month on a server and on two shards is the month on the embedded engine", async () => {
  const embedded = await playMonth({});
  expect(embedded.conservation).toMatchObject({ difference: 0, metersUnequal: 0 });
  expect(embedded.explained).toHaveLength(LINES_EXPLAINED_MAX);
  expect(await playMonth({ usageEngineUrl: one.urls })).toEqual(embedded);
  expect(await rowsOn(one.urls, "usage_entry")).toBeGreaterThan(5_000);
  expect(await playMonth({ usageEngineUrl: two.urls, usageCluster: CLUSTER })).toEqual(embedded);
  for (const { url } of two.nodes) expect(await rowsOn(url, "usage_entry_local")).toBeGreaterThan(500);
}, 600_000);
