import { join } from "node:path";
import { expect, test } from "vitest";
import type { CompletenessInfo } from "../../src/client/completenessTypes.ts";
import { Client, Refused } from "../../src/client/client.ts";
import { formatInstant, HOUR_MS } from "../../src/lib/instant.ts";
import { stampbook as command } from "../support/cli.ts";
import {
  asPage,
  hubPage,
  hubRecord,
  ids,
  instant,
  NORTH,
  openStampbook,
  registerNorth,
  type TestStampbook,
  tokenOf,
  windowAfter,
} from "../support/world.ts";

// Goal: every hour that is missing or late is told, and everything that is wrong is found, each with what to do. Method:
// nine days of a stamp, a day in each delivery, with something planted for every finding; the same by the command.

const S40 = "14496322-39cb-4d33-b67d-39b0c2de0c8e";
const DAYS = 9;
/** Left out altogether. */
const GAP = ["2024-02-05T10:00:00Z", "2024-02-05T13:00:00Z"] as const;
/** Comes two days after its window. */
const LATE = "2024-02-04T03:00:00Z";
/** From here on usage is scarce. */
const SCARCE = "2024-02-08T20:00:00Z";

const hourOfDay = (day: number, hour: number): string =>
  formatInstant(instant("2024-02-01T00:00:00Z") + (day * 24 + hour) * HOUR_MS);

function recordsOf(hour: string): readonly string[] {
  const scarce = instant(hour) >= instant(SCARCE);
  const one = hubRecord({ hour, quantity: "1", resource: "/1" });
  if (scarce) return [one];
  const others = [ids.secondLocal, ids.foreign].map((localSubscription) =>
    hubRecord({ hour, quantity: "1", resource: "/2", localSubscription }),
  );
  return [one, ...others];
}

/** North from the first to the ninth of February; its second tenant was never mapped, the first one not to the end. */
async function plantedWorld(): Promise<TestStampbook> {
  const stampbook = await openStampbook({ now: "2024-01-31T10:20:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  await client.map(NORTH, ids.customer);
  for (let day = 0; day < DAYS; day += 1) {
    const hours = Array.from({ length: day === DAYS - 1 ? 23 : 24 }, (_, hour) => hourOfDay(day, hour));
    const there = hours.filter((hour) => hour !== LATE && (hour < GAP[0] || hour >= GAP[1]));
    const odd = [
      hubRecord({ hour: hourOfDay(day, 0), quantity: "1", meter: S40 }),
      hubRecord({ hour: hourOfDay(day, 0), quantity: "1", meter: "ffff" }),
    ];
    const records = [...there.flatMap(recordsOf), ...(day === 2 ? odd : [])];
    const [start, end] = [hourOfDay(day, 0), hourOfDay(day + 1, 0)];
    // The last day comes before it is over.
    clock.set(day === DAYS - 1 ? "2024-02-09T23:58:30Z" : formatInstant(instant(end) + HOUR_MS / 2));
    await client.takeIn("north", asPage(hubPage(records)), { start, end });
    if (day === 2) await client.unmap(NORTH, ids.customer);
    if (day === 6)
      await client.takeIn("north", asPage(hubPage([hubRecord({ hour: LATE, quantity: "1" })])), windowAfter(LATE));
  }
  return stampbook;
}

const statesOf = ({ value }: CompletenessInfo, state: string): readonly string[] =>
  value.filter((so) => so.state === state).map(({ hour }) => hour);

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => "none",
    (error: unknown) =>
      error instanceof Refused ? `${error.status} ${error.code} ${error.refusal.target}` : String(error),
  );

test("hours that are missing or late are told, and everything that is wrong is found", async () => {
  const stampbook = await plantedWorld();
  const { client, clock } = stampbook;
  clock.set("2024-02-10T05:10:00Z");
  const all = await client.completeness("north", { from: "2024-01-31T00:00:00Z", to: "2024-02-10T06:00:00Z" });
  expect(all).toMatchObject({
    registrationName: "north",
    batchesNotCounted: 0,
    rule: { settlingHours: 4, lateHours: 6 },
  });
  expect(all.summary).toEqual({
    expectedFrom: "2024-02-01T00:00:00Z",
    expectedTo: "2024-02-10T01:00:00Z",
    reportedUntil: "2024-02-10T00:00:00Z",
    firstHour: "2024-02-01T00:00:00Z",
    lastHour: "2024-02-09T22:00:00Z",
    hours: { late: 1, received: 9 * 24 - 5, notExpected: 24, pending: 5, missing: 5 },
    gaps: [
      { from: GAP[0], to: GAP[1], hours: 3 },
      { from: "2024-02-09T23:00:00Z", to: "2024-02-10T01:00:00Z", hours: 2 },
    ],
  });
  expect(statesOf(all, "late")).toEqual([LATE]);
  expect(all.value).toHaveLength(10 * 24 + 6);
  expect(all.value.find(({ hour }) => hour === LATE)).toEqual({
    hour: LATE,
    state: "late",
    expected: true,
    records: 1,
    held: 0,
    late: 1,
    firstArrival: "2024-02-08T00:30:00Z",
    lastArrival: "2024-02-08T00:30:00Z",
  });
  expect(all.value.find(({ hour }) => hour === GAP[0])).toMatchObject({ state: "missing", expected: true, records: 0 });

  expect(all.findings.map(({ kind }) => kind)).toEqual([
    "Gap",
    "ClockAhead",
    "VolumeFalling",
    "SubscriptionsFalling",
    "TenantUnmapped",
    "TenantUnmapped",
    "LocalSubscriptionUnknown",
    "MeterUnknown",
    "MeterUnpriced",
  ]);
  const facts = (kind: string) => all.findings.filter((so) => so.kind === kind).map((so) => so.facts);
  expect(facts("Gap")).toEqual([{ from: GAP[0], to: GAP[1], hours: 3 }]);
  expect(facts("ClockAhead")).toEqual([{ seconds: 90 }]);
  // 24 records of one local subscription after seven days of 72 of three, less three hours and a late one.
  expect(facts("VolumeFalling")).toEqual([{ until: "2024-02-09T20:00:00Z", newest: 24, before: 71, days: 7 }]);
  expect(facts("SubscriptionsFalling")).toEqual([{ until: "2024-02-09T20:00:00Z", newest: 1, before: 3, days: 7 }]);
  expect(new Set(facts("TenantUnmapped").map(({ tenant }) => tenant))).toEqual(new Set([ids.tenant, ids.secondTenant]));
  expect(facts("MeterUnpriced")).toEqual([expect.objectContaining({ records: 1, reason: "NoPrice" })]);
  for (const { what, remedy } of all.findings) expect([what, ...remedy].every((text) => text.length > 10)).toBe(true);

  clock.set("2024-02-10T06:00:00Z");
  const stuck = await client.completeness("north");
  expect(stuck.findings[0]).toMatchObject({ kind: "CursorStuck", facts: { hours: 6 } });
  expect([stuck.from, stuck.to]).toEqual(["2024-02-03T06:00:00Z", "2024-02-10T06:00:00Z"]);
  // A stamp that has reported before is expected in every hour of a later range; one that never has is not.
  const later = await client.completeness("cloud-north", { from: "2024-02-05T09:00:00Z", to: "2024-02-05T14:00:00Z" });
  expect(later.value.map(({ state }) => state)).toEqual(["received", "missing", "missing", "missing", "received"]);
  expect(later.findings.map(({ kind }) => kind)).not.toContain("CursorStuck");
  const inFirstDay = await client.completeness("north", { from: "2024-02-01T05:00:00Z", to: "2024-02-01T06:00:00Z" });
  expect(inFirstDay.summary).toMatchObject({ expectedFrom: "2024-02-01T05:00:00Z", hours: { received: 1 } });
  const south = await client.completeness("south");
  expect(south.summary.hours).toMatchObject({ notExpected: 168, missing: 0 });
  expect(south.findings).toMatchObject([{ of: "south", kind: "NothingReported" }]);

  const refused = async (hours: { from?: string; to?: string }, of = "north") =>
    await codeOf(client.completeness(of, hours));
  expect(await refused({ from: "2024-02-01T00:30:00Z" })).toBe("400 InvalidParameter from");
  expect(await refused({ from: "2024-02-02T00:00:00Z", to: "2024-02-02T00:00:00Z" })).toBe("400 InvalidParameter to");
  expect(await refused({ from: "2024-01-01T00:00:00Z", to: "2024-02-01T01:00:00Z" })).toBe("400 InvalidParameter to");
  expect(await refused({}, "nort")).toMatch("404 RegistrationNotFound");

  const chinese = await new Client({ socketPath: stampbook.socketPath }, "zh-Hans").completeness("north");
  expect(chinese.findings.map(({ kind }) => kind)).toEqual(stuck.findings.map(({ kind }) => kind));
  for (const { what, remedy } of chinese.findings) expect([what, ...remedy].join("")).toMatch(/\p{Script=Han}/u);

  await stampbook.close();
  const [cwd, now] = [stampbook.folder, "2024-02-10T05:10:00Z"];
  const options = ["--now", now, "--registration", "north", "--lang", "zh-Hans", "--data-folder", join(cwd, "data")];
  const told = await command(["doctor", ...options], { cwd });
  expect(told.status).toBe(1);
  // By now, which is years later, the last hours are missing too.
  expect(told.stdout).toMatch(/^north {2}168 hours: \d+ with usage, 1 of them late, 9 missing/);
  for (const kind of ["Gap", "ClockAhead", "VolumeFalling", "TenantUnmapped", "MeterUnpriced"]) {
    expect(told.stdout).toMatch(new RegExp(`north {2}${kind}: .*\\p{Script=Han}.*\n {2}do {2}`, "u"));
  }
});
