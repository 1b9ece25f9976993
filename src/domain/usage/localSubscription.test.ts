import { expect, test } from "vitest";
import { type Hour, hourStartMs, type LocalSubscriptionId, registrationId, type TenantId } from "../ids.ts";
import { type LocalSubscriptionChange, localSubscriptionChanges } from "./localSubscription.ts";

// Goal: what a stamp says becomes as few changes as it must, each from the right hour. Method: rows by hand.

const TWENTY_PAST_MS = 20 * 60_000;
const atHour = (hour: number) => ({ atMs: hourStartMs(hour as Hour) + TWENTY_PAST_MS, by: "bridge" });

const stated = (tenant: string, validFrom?: number, state = "Enabled") => ({
  registration: registrationId(1),
  localSubscription: "l" as LocalSubscriptionId,
  tenant: tenant as TenantId,
  owner: "",
  offer: "",
  displayName: "",
  state,
  validFromMs: validFrom === undefined ? undefined : hourStartMs(validFrom as Hour),
});

const known = (...changes: [hour: number, tenant: string][]): LocalSubscriptionChange[] =>
  changes.map(([hour, tenant], i) => {
    const { validFromMs: _, ...so } = stated(tenant);
    return { ...so, id: i + 1, effectiveHour: hour as Hour, recordedAtMs: i, recordedBy: "test" };
  });

type Row = [
  title: string,
  history: [number, string][],
  says: ReturnType<typeof stated>[],
  changes: (readonly [hour: number, tenant: string])[],
];

test.each<Row>([
  ["one that was never seen has always been so", [], [stated("A")], [[0, "A"]]],
  ["unless its hour is given", [], [stated("A", 7)], [[7, "A"]]],
  ["the same again is no change", [[0, "A"]], [stated("A")], []],
  ["a change at 10:20 counts from 11:00", [[0, "A"]], [stated("B")], [[11, "B"]]],
  ["deleted on the stamp is a change too", [[0, "A"]], [stated("A", undefined, "Deleted")], [[11, "A"]]],
  ["an hour that is past", [[0, "A"]], [stated("B", 3)], [[3, "B"]]],
  [
    "an hour in which it is so already",
    [
      [0, "A"],
      [5, "B"],
    ],
    [stated("B", 9)],
    [],
  ],
  [
    "an hour before another change",
    [
      [0, "A"],
      [9, "B"],
    ],
    [stated("B", 5)],
    [[5, "B"]],
  ],
  [
    "a change that is planned is not passed over",
    [
      [0, "A"],
      [30, "B"],
    ],
    [stated("C")],
    [[30, "C"]],
  ],
  [
    "several of one in a row build on each other",
    [],
    [stated("A"), stated("A"), stated("B", 3), stated("A", 5)],
    [
      [0, "A"],
      [3, "B"],
      [5, "A"],
    ],
  ],
  [
    "of two for one hour both are kept",
    [],
    [stated("A", 3), stated("B", 3)],
    [
      [3, "A"],
      [3, "B"],
    ],
  ],
])("%s", (_, history, says, changes) => {
  const made = localSubscriptionChanges(says, known(...history), atHour(10));
  expect(made.map(({ effectiveHour, tenant }) => [effectiveHour, tenant])).toEqual(changes);
  expect(
    made.every(({ recordedAtMs, recordedBy }) => recordedAtMs === atHour(10).atMs && recordedBy === "bridge"),
  ).toBe(true);
});

test("many changes of one subscription in one go are no trouble", () => {
  const many = Array.from({ length: 20_000 }, (_, i) => stated(i % 2 === 0 ? "A" : "B", (i * 7_919) % 20_000));
  expect(localSubscriptionChanges(many, [], atHour(10)).length).toBeGreaterThan(5_000);
});
