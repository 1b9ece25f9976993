import { expect, test } from "vitest";
import { type Hour, hourStartMs, type LocalSubscriptionId, type MeterId } from "../ids.ts";
import { parkedReason } from "./knowledge.ts";

test.each([
  ["x", "x", 3, "PeriodArchived"], // named before all else
  ["x", "x", 5, "UnknownLocalSubscription"], // named before the meter
  ["s", "m", 4, "UnknownLocalSubscription"], // known from hour 5 on
  ["s", "x", 5, "UnknownMeter"],
  ["s", "m", 5, "UnknownMeter"], // known from hour 6 on
  ["s", "m", 6, undefined],
])("subscription %s, meter %s, hour %i: %s", (localSubscription, meter, hour, reason) => {
  const record = {
    localSubscription: localSubscription as LocalSubscriptionId,
    meter: meter as MeterId,
    usageStartMs: hourStartMs(hour as Hour),
  };
  const known = {
    horizon: 4 as Hour,
    localSubscriptions: new Map([["s" as LocalSubscriptionId, 5 as Hour]]),
    meters: { isKnown: (id: MeterId, at: Hour) => id === "m" && at >= 6 },
  };
  expect(parkedReason(record, known)).toBe(reason);
});
