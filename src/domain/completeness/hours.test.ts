import { expect, test } from "vitest";
import type { Hour } from "../ids.ts";
import type { HourArrivals } from "../usage/arrivals.ts";
import { type CompletenessFacts, completenessOf, stretchesWithout } from "./hours.ts";

const hours = (...all: readonly number[]): Hour[] => all as Hour[];
const came = (hour: number, more: Partial<HourArrivals> = {}): HourArrivals => ({
  hour: hour as Hour,
  records: 1,
  held: 0,
  firstArrivalMs: 1,
  lastArrivalMs: 2,
  late: 0,
  aheadMs: 0,
  ...more,
});

test.each<[string, readonly number[], readonly string[]]>([
  ["nothing is there", [], ["10-20"]],
  ["everything is there", [10, 11, 12, 13, 14, 15, 16, 17, 18, 19], []],
  ["one in the middle", [15], ["10-15", "16-20"]],
  ["both ends", [10, 19], ["11-19"]],
  ["those outside do not count", [3, 9, 20, 21], ["10-20"]],
  ["those outside and inside", [3, 12, 25], ["10-12", "13-20"]],
])("stretches without: %s", (_, there, found) => {
  const [from, to] = hours(10, 20);
  expect(stretchesWithout(hours(...there), from!, to!).map((so) => `${so.from}-${so.to}`)).toEqual(found);
});

const look = (more: Partial<CompletenessFacts>) =>
  completenessOf({
    from: 10 as Hour,
    to: 16 as Hour,
    expectedFrom: 10 as Hour,
    settledTo: 14 as Hour,
    arrivals: [],
    ...more,
  });
const states = (more: Partial<CompletenessFacts>): string =>
  look(more)
    .hours.map(({ state }) => state[0])
    .join("");

test.each<[string, Partial<CompletenessFacts>, string]>([
  ["a stamp that never reported", { expectedFrom: undefined }, "nnnnnn"],
  ["nothing came", {}, "mmmmpp"],
  ["hours before the first one", { expectedFrom: 12 as Hour, arrivals: [came(12)] }, "nnrmpp"],
  ["usage of an hour that is still settling", { arrivals: [came(15)] }, "mmmmpr"],
  ["late usage", { arrivals: [came(11, { late: 1 }), came(12)] }, "mlrmpp"],
  ["only what is held", { arrivals: [came(11, { records: 0, held: 3 })] }, "mrmmpp"],
])("states of hours: %s", (_, more, told) => {
  expect(states(more)).toBe(told);
});

test("counts and gaps are those of the hours", () => {
  const { counts, gaps, hours: all } = look({ arrivals: [came(11, { late: 1, records: 5 }), came(15)] });
  expect(counts).toEqual({ late: 1, received: 1, notExpected: 0, pending: 1, missing: 3 });
  expect(gaps).toEqual([
    { from: 10, to: 11 },
    { from: 12, to: 14 },
  ]);
  expect(all[1]).toEqual({
    hour: 11,
    state: "late",
    records: 5,
    held: 0,
    late: 1,
    firstArrivalMs: 1,
    lastArrivalMs: 2,
  });
  expect(all[0]).toMatchObject({ records: 0, firstArrivalMs: undefined });
});
