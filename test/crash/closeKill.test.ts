import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLOSE_FAULT_POINTS } from "../../src/lib/faultPoint.ts";
import { closeAnyway } from "../support/closing.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf, windowAfter } from "../support/world.ts";
import { StubbornCaller } from "./caller.ts";
import { PLAN_VARIABLE, type Stop, VICTIMS } from "./plan.ts";

// Goal: whoever dies at whatever step of a close or of corrections, there is one statement and one correction in the end,
// with numbers without a gap, and each can be rebuilt. Method: one server after the other on one data folder; month after
// month is closed and corrected, and in the middle kill -9 hits the server or its engine at the next fault point.

const stops = CLOSE_FAULT_POINTS.flatMap((point) => VICTIMS.map((who): Stop => ({ point, who })));

test(`kill -9 at every step of a close and of corrections: ${stops.length} kills`, async () => {
  const planFile = join(mkdtempSync(join(tmpdir(), "stampbook-close-")), "plan.json");
  writeFileSync(planFile, "[]");
  const preload = join(import.meta.dirname, "stopAtFaultPoint.ts");
  const caller = new StubbornCaller(join(temporaryFolder(), "data"), { preload, env: { [PLAN_VARIABLE]: planFile } });
  await caller.until(async (client) => {
    await client.putCatalogue([{ subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" }]);
    await client.register(NORTH, tokenOf("cloud"));
    await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);
  });
  for (const [i, stop] of stops.entries()) {
    const month = `2025-${String(i + 1).padStart(2, "0")}`;
    const hour = `${month}-05T10:00:00Z`;
    const send = (resource: string) =>
      caller.until((client) =>
        client.takeIn("north", asLines([hubRecord({ hour, quantity: "1000", resource })]), windowAfter(hour)),
      );
    const where = `${stop.who} at '${stop.point}'`;
    await send("/in-time");
    writeFileSync(planFile, JSON.stringify([stop]));
    const closed = await caller.until((client) => closeAnyway(client, month));
    expect(closed.statements, where).toHaveLength(1);
    await send("/late");
    await caller.until((client) => client.closing.issueCorrections(month, "contoso", "late"));
    expect(JSON.parse(readFileSync(planFile, "utf8")), `the kill of the ${where} happened`).toEqual([]);

    const numbers = [i * 2 + 1, i * 2 + 2].map((n) => `CONTOSO-${String(n).padStart(6, "0")}`);
    const statements = await caller.until((client) => client.statements(month));
    expect(
      statements.map(({ number, state }) => [number, state]),
      where,
    ).toEqual([[numbers[0], "corrected"]]);
    const corrections = await caller.until((client) => client.closing.corrections(month));
    expect(
      corrections.map(({ number, corrects, total }) => [number, corrects, total]),
      where,
    ).toEqual([[numbers[1], numbers[0], "46.00"]]);
    const verified = await caller.until((client) => client.closing.verify({ period: month }));
    expect(verified, where).toMatchObject({ intact: true, documents: 2 });
  }
  expect(await caller.close()).toBe(0);
});
