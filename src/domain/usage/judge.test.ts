import { expect, test } from "vitest";
import type { LocalSubscriptionId, MeterId } from "../ids.ts";
import { parkedReason, Versions } from "./judge.ts";

test("versions of a key are judged in order", () => {
  const versions = new Versions();
  versions.add("stored", "a");
  const rows: [string, string, string][] = [
    ["stored", "a", "duplicate"],
    ["stored", "b", "conflict"],
    ["stored", "b", "duplicate"],
    ["fresh", "a", "new"],
    ["fresh", "a", "duplicate"],
    ["fresh", "b", "conflict"],
  ];
  for (const [key, content, outcome] of rows) expect(versions.judge({ key, content })).toBe(outcome);
});

test("an unknown local subscription is named before an unknown meter", () => {
  const known = {
    localSubscriptions: new Set(["s" as LocalSubscriptionId]),
    meters: new Set(["m" as MeterId]),
  };
  const reason = (localSubscription: string, meter: string) =>
    parkedReason({ localSubscription: localSubscription as LocalSubscriptionId, meter: meter as MeterId }, known);
  expect(reason("x", "x")).toBe("UnknownLocalSubscription");
  expect(reason("s", "x")).toBe("UnknownMeter");
  expect(reason("s", "m")).toBeUndefined();
});
