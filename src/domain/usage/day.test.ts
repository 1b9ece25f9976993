import { expect, test } from "vitest";
import { type Hour, type LocalSubscriptionId, registrationId } from "../ids.ts";
import { daysOf, planDays, type UsageDay } from "./day.ts";

const R = registrationId(1);
const LOCAL = "aaaaaaaa-0000-4000-8000-000000000000" as LocalSubscriptionId;
const hour = (day: number, of = 0): Hour => (day * 24 + of) as Hour;
const day = (number: number, facts: Partial<UsageDay> = {}): UsageDay => ({
  registration: R,
  day: number,
  touchedBy: 3,
  rolledUpTo: 3,
  ...facts,
});
const scope = (from: Hour, to: Hour, lastBatch = 9) => ({ from, to, lastBatch });
const read = (days: readonly UsageDay[], of = scope(hour(1), hour(9))) =>
  planDays(days, of, []).entryDays.map((so) => so.day);

test("a day is read from its rollup when nothing touched it since and its last touch was known", () => {
  expect(read([day(1), day(2)])).toEqual([]);
  expect(read([day(1), day(2, { touchedBy: 4 })])).toEqual([2]);
  expect(read([day(1), day(2, { rolledUpTo: 0 })])).toEqual([2]);
  expect(read([day(1, { touchedBy: 2, rolledUpTo: 2 }), day(2)], scope(hour(1), hour(9), 2))).toEqual([2]);
});

test("a day that lies partly outside the hours asked for is read from its entries", () => {
  expect(read([day(1), day(2), day(3)], scope(hour(1, 1), hour(4)))).toEqual([1]);
  expect(read([day(1), day(2), day(3)], scope(hour(1), hour(3, 23)))).toEqual([3]);
  expect(daysOf({ from: hour(1, 1), to: hour(3, 23) })).toEqual([1, 4]);
  expect(daysOf({ from: hour(1), to: hour(3) })).toEqual([1, 3]);
});

test("where no day is rolled up, everything is read from entries", () => {
  expect(planDays([day(1, { rolledUpTo: 0 })], scope(hour(1), hour(9)), []).usesRollup).toBe(false);
  expect(planDays([], scope(hour(1), hour(9)), []).usesRollup).toBe(false);
});

test("a segment's bound inside a day cuts that day for its local subscription, where the day is rolled up", () => {
  const segment = (from: Hour, to: Hour) => ({ registration: R, localSubscription: LOCAL, from, to });
  const cuts = (days: readonly UsageDay[], ...segments: ReturnType<typeof segment>[]) =>
    planDays(days, scope(hour(1), hour(9)), segments).cutDays.map((so) => so.day);
  const days = [day(1), day(2), day(3), day(4, { rolledUpTo: 0 })];
  expect(cuts(days, segment(hour(1), hour(2, 5)), segment(hour(2, 5), hour(9)))).toEqual([2]);
  expect(cuts(days, segment(hour(1), hour(2)), segment(hour(2), hour(9)))).toEqual([]);
  expect(cuts(days, segment(hour(1), hour(4, 5)))).toEqual([]);
  expect(cuts(days, segment(hour(2, 1), hour(3, 1)))).toEqual([2, 3]);
});
