import fc from "fast-check";
import { expect, test } from "vitest";
import { type Hour, hourFrom, hourOf, registrationId, type SubscriptionId, type TenantId } from "../ids.ts";
import { changeHours, intervalsOf } from "../history.ts";
import type { MappingChange } from "./mapping.ts";
import { payerAt } from "./payer.ts";

// Goal: every hour has exactly one payer, and history can only grow. Method: rows by hand, then laws at random.

const DEFAULT = "default" as SubscriptionId;
const change = (id: number, effectiveHour: number, customer: string | null): MappingChange => ({
  id,
  registration: registrationId(1),
  tenant: "t" as TenantId,
  customer: customer as SubscriptionId | null,
  effectiveHour: effectiveHour as Hour,
  recordedAtMs: id,
  recordedBy: "test",
});
const paid = (changes: MappingChange[], hour: number) => {
  const { subscription, by } = payerAt(hour as Hour, intervalsOf(changes), DEFAULT);
  return `${subscription} ${by}`;
};

test.each([
  [4, "default no-mapping"], // before the first mapping
  [5, "C1 mapping"], // from is inclusive
  [8, "C1 mapping"],
  [9, "C2 mapping"], // to is exclusive: mapped anew at 9
  [11, "C2 mapping"],
  [12, "default removed-mapping"],
  [15, "C3 mapping"],
  [99, "C3 mapping"],
])("hour %i is paid by %s", (hour, payer) => {
  const history = [change(1, 5, "C1"), change(2, 9, "C2"), change(3, 12, null), change(4, 15, "C3")];
  expect(paid(history, hour)).toBe(payer);
});

test("two changes for one hour: the later recorded one counts, the other has no hour", () => {
  const history = [change(1, 5, "C1"), change(2, 5, "C2")];
  expect(paid(history, 5)).toBe("C2 mapping");
  expect(intervalsOf(history)).toHaveLength(1);
});

test("a change recorded later for an earlier hour leaves the hours after the next change alone", () => {
  const history = [change(1, 5, "C1"), change(2, 20, "C2"), change(3, 10, "C9")];
  expect([5, 10, 19, 20].map((hour) => paid(history, hour))).toEqual([
    "C1 mapping",
    "C9 mapping",
    "C9 mapping",
    "C2 mapping",
  ]);
});

test("a change at 10:20 counts from 11:00, a change at 11:00:00.000 from 11:00", () => {
  const at = (text: string) => Date.parse(`2024-02-01T${text}Z`);
  expect(hourFrom(at("10:20:00.000"))).toBe(hourOf(at("11:00:00.000")));
  expect(hourFrom(at("11:00:00.000"))).toBe(hourOf(at("11:00:00.000")));
});

test("any history: intervals follow each other without gap or overlap, in any order of reading", () => {
  const changes = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.option(fc.constantFrom("A", "B", "C"))), { maxLength: 12 })
    .map((list) => list.map(([hour, customer], i) => change(i + 1, hour, customer)));
  fc.assert(
    fc.property(changes, (history) => {
      const intervals = intervalsOf(history);
      intervals.forEach((interval, i) => expect(interval.to).toBe(intervals[i + 1]?.from ?? null));
      expect(intervalsOf([...history].reverse())).toEqual(intervals);
      const inside = changeHours(intervals, 0 as Hour, 30 as Hour);
      for (let hour = 1; hour < 30; hour += 1) {
        if (!inside.includes(hour as Hour)) expect(paid(history, hour)).toBe(paid(history, hour - 1));
      }
    }),
  );
});
