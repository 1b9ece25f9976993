import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { ARCHIVE_FAULT_POINTS } from "../../src/lib/faultPoint.ts";
import { closeAnyway } from "../support/closing.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf, windowAfter } from "../support/world.ts";
import { StubbornCaller } from "./caller.ts";
import { PLAN_VARIABLE, type Stop, VICTIMS } from "./plan.ts";

// Goal: whoever dies at whatever step of an archive, the month is explained as before, and gone from the usage store in the
// end. Method: one server after the other on one data folder; month after month is archived, and in the middle of each
// kill -9 hits the server or its engine at the next fault point.

const stops = ARCHIVE_FAULT_POINTS.flatMap((point) => VICTIMS.map((who): Stop => ({ point, who })));
const RECORDS = 40;

/** What the statements of a month say, down to the records, and its totals. */
async function told(
  client: Client,
  period: string,
): Promise<{ readonly lines: readonly unknown[]; readonly conservation: unknown }> {
  const lines: unknown[] = [];
  for (const { number } of await client.statements(period)) {
    for (const { line } of (await client.statement(number)).lines) lines.push(await client.explain(number, line));
  }
  return { lines, conservation: (await client.totals.conservation(period)).value };
}

test(`kill -9 at every step of an archive, of the server and of the engine: ${stops.length} kills`, async () => {
  const planFile = join(mkdtempSync(join(tmpdir(), "stampbook-archive-")), "plan.json");
  writeFileSync(planFile, "[]");
  const preload = join(import.meta.dirname, "stopAtFaultPoint.ts");
  const caller = new StubbornCaller(join(temporaryFolder(), "data"), { preload, env: { [PLAN_VARIABLE]: planFile } });
  await caller.until(async (client) => {
    await client.putCatalogue([{ subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" }]);
    await client.register(NORTH, tokenOf("cloud"));
    await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);
  });
  for (const [i, stop] of stops.entries()) {
    const month = `2023-${String(i + 1).padStart(2, "0")}`;
    const hour = `${month}-05T10:00:00Z`;
    const lines = Array.from({ length: RECORDS }, (_, n) => hubRecord({ hour, quantity: "0.1", resource: `/r/${n}` }));
    await caller.until((client) => client.takeIn("north", asLines(lines), windowAfter(hour)));
    await caller.until((client) => closeAnyway(client, month));
    const before = await caller.until((client) => told(client, month));
    writeFileSync(planFile, JSON.stringify([stop]));
    const where = `${stop.who} at '${stop.point}'`;
    await caller.until((client) => client.ledger.archives.archive(month));
    expect(JSON.parse(readFileSync(planFile, "utf8")), `the kill of the ${where} happened`).toEqual([]);
    const { value } = await caller.until((client) => client.ledger.archives.list());
    expect(value.at(-1), where).toMatchObject({ month, entries: RECORDS, droppedAt: expect.any(String) });
    expect(await caller.until((client) => told(client, month)), where).toEqual(before);
    expect(await caller.until((client) => client.ledger.archives.verify(month))).toMatchObject({ intact: true });
    const again = await caller.until((client) => client.takeIn("north", asLines(lines), windowAfter(hour)));
    expect(again.counts, where).toMatchObject({ accepted: 0 });
    expect(await caller.until((client) => told(client, month)), where).toMatchObject({ lines: before.lines });
  }
  expect(await caller.close()).toBe(0);
}, 900_000);
