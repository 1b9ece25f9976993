import { describe, expect, test } from "vitest";
import { readRecord } from "../src/domain/usage/readRecord.ts";
import { formatInstant, HOUR_MS, parseInstant } from "../src/lib/instant.ts";
import type { Stamp } from "./stamps.ts";
import { ndjson, pages, usageWindows, windowsOfRows } from "./usage.ts";
import { createWorld, type World } from "./world.ts";

// Goal: what the stamps report has the shape, the texts and the oddities of a real Hub's answer.
// Method: whole small worlds, read as text and compared with what was recorded (contract/usage.md §3, §5).

interface HubRecord {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly subscriptionId: string;
    readonly usageStartTime: string;
    readonly usageEndTime: string;
    readonly instanceData: string;
    readonly quantity: number;
    readonly meterId: string;
    readonly name: string;
  };
}
interface Line {
  readonly text: string;
  readonly record: HubRecord;
  readonly uri: string;
  readonly tags: string;
  readonly additionalInfo: string;
  readonly windowStart: string;
  readonly repeat: boolean;
}

const worldOf = (records: number, period = "2024-02", seed = 7) => createWorld({ seed, period, records });
const bytesOf = (world: World) => world.stamps.map((stamp) => Buffer.concat([...ndjson(world, stamp)]).toString());
const stampOf = (world: World, name: Stamp["name"]): Stamp => world.stamps.find((stamp) => stamp.name === name)!;

function linesOf(world: World, stamp: Stamp): readonly Line[] {
  return [...usageWindows(world, stamp)].flatMap(({ startMs, repeat, records }) =>
    [...records].map((text) => {
      const record = JSON.parse(text) as HubRecord;
      const instance = JSON.parse(record.properties.instanceData) as Record<string, Record<string, string>>;
      const { resourceUri, tags, additionalInfo } = instance["Microsoft.Resources"] as Record<string, string>;
      const members = { uri: resourceUri!, tags: tags!, additionalInfo: additionalInfo! };
      return { text, record, ...members, windowStart: formatInstant(startMs), repeat };
    }),
  );
}

const leap = worldOf(20_000);
const leapLines = leap.stamps.flatMap((stamp) => linesOf(leap, stamp));
const ofType = (type: string) => leapLines.filter(({ uri }) => uri.includes(`/${type}/`));
const delayOf = ({ record, windowStart }: Line): number =>
  (parseInstant(windowStart)! - parseInstant(record.properties.usageStartTime)!) / HOUR_MS;

test("the same seed gives the same bytes, another seed others", () => {
  expect(bytesOf(worldOf(20_000))).toEqual(bytesOf(leap));
  expect(bytesOf(worldOf(20_000, "2024-02", 8))).not.toEqual(bytesOf(leap));
});

test.each([
  [20_000, "2024-02"],
  [20_000, "2023-12"],
  [200_000, "2024-02"],
  [200_000, "2023-02"],
  [200_000, "2024-04"],
])("%i records in %s come out within 5%%", (records, period) => {
  const world = worldOf(records, period);
  let distinct = 0;
  for (const stamp of world.stamps) {
    for (const { repeat, rows } of windowsOfRows(world, stamp)) for (const _ of rows) distinct += repeat ? 0 : 1;
  }
  expect(Math.abs(distinct - records) / records).toBeLessThan(0.05);
});

test("a record has the recorded members in the recorded order", () => {
  const { text, record, uri, additionalInfo } = ofType("virtualMachines").find(({ tags }) => tags === "null")!;
  const { subscriptionId, usageStartTime, usageEndTime, meterId, instanceData } = record.properties;
  const stamp = leap.stamps.find(({ providerSubscription }) => record.id.includes(providerSubscription))!;
  const name = `${subscriptionId}-${meterId}`;
  const resources = { resourceUri: uri, location: stamp.location, tags: "null", additionalInfo };
  const recorded = {
    id: `/subscriptions/${stamp.providerSubscription}/providers/Microsoft.Commerce/UsageAggregate/${name}`,
    name,
    type: "Microsoft.Commerce/UsageAggregate",
    properties: {
      subscriptionId,
      usageStartTime,
      usageEndTime,
      instanceData: JSON.stringify({ "Microsoft.Resources": resources }),
      quantity: "@",
      meterId,
      name,
    },
  };
  expect(instanceData).toBe(recorded.properties.instanceData);
  expect(text).toMatch(/"quantity":\d+\.0,/);
  expect(text.replace(/"quantity":[^,]+/, '"quantity":"@"')).toBe(JSON.stringify(recorded));
  expect(usageStartTime).toMatch(/^2024-02-\d\dT\d\d:00:00\+00:00$/);
  expect(parseInstant(usageEndTime)! - parseInstant(usageStartTime)!).toBe(HOUR_MS);
  expect(Object.keys(JSON.parse(additionalInfo) as object)).toEqual([
    "ServiceType",
    "ImageType",
    "Publisher",
    "Offer",
    "Sku",
  ]);
});

test("the product's reader takes every record", () => {
  const nowMs = parseInstant("2025-01-01T00:00:00Z")!;
  for (const chunk of bytesOf(leap)) {
    for (const line of chunk.trimEnd().split("\n")) readRecord(line, "hub", { nowMs, window: undefined });
  }
});

const matching = (type: string, pattern: RegExp) =>
  ofType(type).length > 0 && ofType(type).every(({ record }) => pattern.test(record.properties.meterId));

describe("oddities", () => {
  test("ids are not unique", () => {
    expect(new Set(leapLines.map(({ record }) => record.id)).size).toBeLessThan(leapLines.length / 10);
  });
  test("tags are empty for storage and disks, 'null' or JSON text for virtual machines", () => {
    for (const type of ["storageAccounts", "disks"]) {
      expect(ofType(type).every(({ tags, additionalInfo }) => tags === "" && additionalInfo === "")).toBe(true);
    }
    const tags = new Set(ofType("virtualMachines").map((line) => line.tags.slice(0, 2)));
    expect([...tags].sort()).toEqual(["nu", '{"']);
  });
  test("meter ids are cased by provider, and those of addresses have no hyphens", () => {
    expect(matching("storageAccounts", /^[0-9A-F-]{36}$/)).toBe(true);
    expect(matching("virtualMachines", /^[0-9a-f-]{36}$/)).toBe(true);
    expect(matching("disks", /^[0-9a-f-]{36}$/)).toBe(true);
    expect(matching("publicIPAddresses", /^[0-9A-F]{32}$/)).toBe(true);
  });
  test("only storage writes 'resourcegroups'", () => {
    for (const { uri } of leapLines) {
      expect(uri.includes("/resourcegroups/")).toBe(uri.includes("/storageAccounts/"));
    }
  });
  test("every kind of meter is there, an unknown one too", () => {
    const meters = new Set(leapLines.map(({ record }) => record.properties.meterId));
    for (const meter of [
      ["F271A8A388C44D93956A063E1D2FA80B", "9E2739BA86744796B465F64674B822BA", leap.unknownMeter],
      ["B5C15376-6C94-4FDD-B655-1A69D138ACA3", "09F8879E-87E9-4305-A572-4B7BE209F857"],
      ["B4438D5D-453B-4EE1-B42A-DC72E377F1E4", "B03C6AE7-B080-4BFA-84A3-22C800F315C6"],
      ["43DAF82B-4618-444A-B994-40C23F7CD438", "9764F92C-E44A-498E-8DC1-AAD66587A810"],
      ["EBF13B9F-B3EA-46FE-BF54-396E93D48AB4", "CBCFEF9A-B91F-4597-A4D3-01FE334BED82"],
      ["190C935E-9ADA-48FF-9AB8-56EA1CF9ADAA", "9cd92d4c-bafd-4492-b278-bedc2de8232a"],
    ].flat()) {
      expect(meters, meter).toContain(meter);
    }
  });
  test("an unlisted local subscription has usage on north, in one resource group", () => {
    const listed = new Set<string>(
      leap.stamps.flatMap((stamp) => leap.localSubscriptions(stamp)).map((s): string => s.localSubscription),
    );
    const unlisted = leapLines.filter(({ record }) => !listed.has(record.properties.subscriptionId));
    expect(new Set(unlisted.map(({ uri }) => uri.split("/providers/")[0])).size).toBe(1);
    expect(new Set(unlisted.map(({ record }) => record.properties.subscriptionId))).toEqual(
      new Set([leap.unknownLocalSubscription]),
    );
  });
});

const hourKey = ({ uri, record, windowStart }: Line) => `${uri} ${record.properties.usageStartTime} ${windowStart}`;

describe.each([
  ["2024-02", 29],
  ["2023-12", 31],
])("in %s, of %i days,", (period, days) => {
  const world = worldOf(20_000, period);
  const stamps = world.stamps.map((stamp) => linesOf(world, stamp).filter(({ repeat }) => !repeat));

  test("each hour of a virtual machine has its two rows", () => {
    for (const lines of stamps) {
      const machines = lines.filter(({ uri }) => uri.includes("/virtualMachines/"));
      const hours = Map.groupBy(machines, hourKey);
      for (const rows of hours.values()) {
        expect(rows).toHaveLength(2);
        const [hour, cores] = rows as [Line, Line];
        expect(hour.record.properties.meterId).toMatch(/^6dab500f/);
        expect(hour.text).toContain('"quantity":1.0,');
        expect(cores.record.properties.meterId).toMatch(/^(9cd92d4c|fab6eb84)/);
        expect([1, 2, 8]).toContain(cores.record.properties.quantity);
      }
      const once = new Set(machines.map(({ uri, record }) => `${uri} ${record.properties.usageStartTime}`));
      expect(once.size).toBe(hours.size);
    }
  });

  test("each hour of a disk has a tier row and an actual-size row, by the month's length", () => {
    for (const rows of Map.groupBy(
      stamps[0]!.filter(({ uri }) => uri.includes("/disks/")),
      hourKey,
    ).values()) {
      expect(rows).toHaveLength(2);
      const [tier, actual] = rows as [Line, Line];
      expect(tier.record.properties.quantity).toBe(1 / 24 / days);
      expect(actual.record.properties.meterId).toMatch(/^(7ba084ec|daef389a)/);
    }
  });

  test("capacities are whole bytes", () => {
    for (const { record } of stamps[0]!) {
      if (!/^(B5C15376|09F8879E|B4438D5D|B03C6AE7)/.test(record.properties.meterId)) continue;
      expect(Number.isInteger(record.properties.quantity * 2 ** 30)).toBe(true);
    }
  });

  test("windows run in order from the first hour to 25 hours after the end, and all usage is inside", () => {
    const windows = [...usageWindows(world, world.stamps[1]!)].filter(({ repeat }) => !repeat);
    const startMs = parseInstant(`${period}-01T00:00:00Z`)!;
    expect(windows.map((window) => window.startMs)).toEqual(
      Array.from({ length: days * 24 + 25 }, (_, i) => startMs + i * HOUR_MS),
    );
    for (const line of stamps.flat()) expect(line.record.properties.usageStartTime.slice(0, 7)).toBe(period);
  });
});

const share = (lines: readonly Line[], wanted: (delay: number) => boolean) =>
  lines.filter((line) => wanted(delayOf(line))).length / lines.length;

describe("reported time", () => {
  const firstReading = leapLines.filter(({ repeat }) => !repeat);

  test("is one hour later for most, two for many machines, the same hour for some disks", () => {
    expect(share(firstReading, (delay) => delay === 1)).toBeGreaterThan(0.5);
    expect(share(ofType("virtualMachines"), (delay) => delay === 2)).toBeGreaterThan(0.2);
    expect(share(ofType("disks"), (delay) => delay === 0)).toBeGreaterThan(0);
    expect(share(ofType("storageAccounts"), (delay) => delay === 0)).toBe(0);
  });
  test("is 3 to 24 hours late for about one in a hundred, never more", () => {
    const late = share(firstReading, (delay) => delay >= 3);
    expect(late).toBeGreaterThan(0.003);
    expect(late).toBeLessThan(0.02);
    expect(share(firstReading, (delay) => delay > 24 || delay < 0)).toBe(0);
  });
});

const withoutQuantity = (record: string) => record.replace(/"quantity":[^,]+/, "");

test("about one window in a hundred is read twice, with the same rows but for a few quantities", () => {
  const windows = leap.stamps.flatMap((stamp) =>
    [...usageWindows(leap, stamp)].map(({ records, ...window }) => ({ ...window, records: [...records] })),
  );
  const repeats = windows.flatMap((window, i) => (window.repeat ? [[windows[i - 1]!, window] as const] : []));
  expect(repeats.length / windows.length).toBeGreaterThan(0.003);
  expect(repeats.length / windows.length).toBeLessThan(0.02);
  let changed = 0;
  for (const [first, again] of repeats) {
    expect([again.startMs, again.records.length]).toEqual([first.startMs, first.records.length]);
    changed += again.records.filter((record, i) => record !== first.records[i]).length;
    expect(again.records.map(withoutQuantity)).toEqual(first.records.map(withoutQuantity));
  }
  expect(changed).toBeGreaterThan(0);
  expect(changed).toBeLessThan(10);
});

test("tenants with a story have usage on north before and after their change", () => {
  const north = stampOf(leap, "north");
  const lines = linesOf(leap, north);
  for (const { tenant } of [leap.replacedTenant, leap.removedTenant, leap.neverMappedTenant]) {
    const own = new Set<string>(
      leap.localSubscriptions(north).flatMap((local) => (local.tenant === tenant ? [local.localSubscription] : [])),
    );
    const hours = lines
      .filter(({ record }) => own.has(record.properties.subscriptionId))
      .map(({ record }) => record.properties.usageStartTime);
    expect(hours.some((hour) => hour < "2024-02-14")).toBe(true);
    expect(hours.some((hour) => hour > "2024-02-21")).toBe(true);
  }
});

test("lines are the records with their window before them", () => {
  const [stamp] = leap.stamps;
  const expected = [...usageWindows(leap, stamp!)].flatMap(({ startMs, endMs, records }) => {
    const window = `"reportedStartTime":"${formatInstant(startMs)}","reportedEndTime":"${formatInstant(endMs)}"`;
    return [...records].map((record) => `{${window},${record.slice(1)}\n`);
  });
  expect(bytesOf(leap)[0]).toBe(expected.join(""));
});

test("pages have at most 1,000 rows and name the next one by an absolute URL", () => {
  const world = worldOf(2_000_000);
  const stamp = world.stamps[0]!;
  const windows = usageWindows(world, stamp);
  let rows: HubRecord[] = [];
  let followed = 0;
  for (const { window, body } of pages(world, stamp)) {
    const page = JSON.parse(body) as { value: HubRecord[]; nextLink?: string };
    expect(page.value.length).toBeLessThanOrEqual(1_000);
    rows.push(...page.value);
    if ("nextLink" in page) {
      const url = new URL(page.nextLink);
      expect(url.hostname).toBe("adminmanagement.contosonorth.contoso.example");
      expect(url.searchParams.get("reportedStartTime")).toBe(formatInstant(window.startMs));
      expect(url.searchParams.get("continuationToken")).toBe(String(rows.length));
      followed += 1;
      continue;
    }
    const next = windows.next();
    if (next.done === true) throw new Error("more pages than windows");
    expect(next.value.startMs).toBe(window.startMs);
    expect(rows.length).toBe([...next.value.records].length);
    rows = [];
    if (followed > 20) break;
  }
  expect(followed).toBeGreaterThan(0);
});
