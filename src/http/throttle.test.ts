import { expect, test } from "vitest";
import type { Caller } from "../domain/access/caller.ts";
import { LOCAL_ADMINISTRATOR } from "../domain/access/caller.ts";
import { Throttle } from "./throttle.ts";

// Goal: what is told of a budget is what a caller may still send. Method: a clock by hand.

const caller = (objectId: string, issuer: string | null = null): Caller => ({
  name: "n",
  objectId,
  issuer,
  kind: "User",
  tenant: undefined,
  address: "",
  correlationId: "",
});

test("each caller has a budget for each subscription; reads, writes and deletions are counted apart", () => {
  let nowMs = 0;
  const requestLimits = { readsPerMinuteMax: 2, writesPerMinuteMax: 1 };
  const throttle = new Throttle({ clock: { now: () => nowMs }, requestLimits });
  const told: Record<string, unknown> = {};
  const reply = { header: (name: string, value: unknown) => void (told[name] = value) } as never;
  const spend = (method: string, of = caller("a"), subscription?: string): boolean =>
    throttle.budgetOf(of, subscription)!.spend({ method }, reply, nowMs);
  expect([spend("GET"), spend("HEAD"), spend("GET")]).toEqual([true, true, false]);
  expect([spend("PUT"), spend("POST"), spend("DELETE"), spend("DELETE")]).toEqual([true, false, true, false]);
  expect(spend("GET", caller("a"), "s")).toBe(true);
  expect(told).toEqual({
    "x-ms-ratelimit-remaining-tenant-reads": "0",
    "x-ms-ratelimit-remaining-tenant-writes": "0",
    "x-ms-ratelimit-remaining-tenant-deletes": "0",
    "x-ms-ratelimit-remaining-subscription-reads": "1",
  });
  expect(spend("GET", caller("b"))).toBe(true);
  expect(spend("GET", caller("a", "https://login.example"))).toBe(true);
  nowMs = 30_000;
  expect([spend("GET"), spend("GET")]).toEqual([true, false]);
  const must = (): void => throttle.budgetOf(caller("a"))!.mustSpend({ method: "GET" }, reply, nowMs);
  expect(must).toThrow(/limit of 2 requests a minute.*in 30 s/);
  expect(throttle.budgetOf({ ...LOCAL_ADMINISTRATOR, address: "local", correlationId: "" })).toBeUndefined();
});
