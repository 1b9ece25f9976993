import { expect, test } from "vitest";
import { HOUR_MS } from "../../lib/instant.ts";
import {
  afterDelivery,
  afterExport,
  afterListing,
  afterReading,
  afterReceipt,
  afterSubscriptionsDelivered,
  afterVainConfirmation,
  againSetAside,
  isUnchanged,
  type Reading,
  spooledBytes,
  startState,
  subscriptionsToAsk,
} from "./stampState.ts";
import { spoolRoom } from "./spoolRoom.ts";

const rules = { settleMs: 0, rereadDepthMs: 4 * HOUR_MS };
const reading = (hour: number, readAt: number, digest: string, file?: string): Reading => ({
  startMs: hour * HOUR_MS,
  readAtMs: readAt * HOUR_MS,
  rows: 2,
  digest,
  by: "stamp",
  localSubscriptions: new Set(["a"]),
  ...(file === undefined ? {} : { file: { name: file, bytes: 10 } }),
});
const counts = { accepted: 2, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };
const known = (localSubscription: string, state = "Enabled") => ({
  localSubscription,
  tenant: "t",
  owner: "",
  offer: "",
  displayName: "",
  state,
});

test("the cursor passes a window that was read, and deliveries leave in order", () => {
  let state = afterReading(startState(10 * HOUR_MS), reading(10, 11, "x", "1"), rules);
  state = afterReading(state, reading(11, 12, "y", "2"), rules);
  expect([state.cursorMs / HOUR_MS, state.spool.map(({ number, file }) => `${number} ${file}`)]).toEqual([
    12,
    ["1 1", "2 2"],
  ]);
  expect(isUnchanged(state, { startMs: 10 * HOUR_MS, rows: 2, digest: "x" })).toBe(true);
  expect(isUnchanged(state, { startMs: 10 * HOUR_MS, rows: 2, digest: "z" })).toBe(false);
  expect(() => afterDelivery(state, 2, counts)).toThrow("in order");
  state = afterDelivery(state, 1, counts);
  expect([state.spool.length, state.delivered.accepted, spooledBytes(state)]).toEqual([1, 2, 10]);
  expect(() => afterReading(state, reading(20, 21, "x"), rules)).toThrow("without a gap");
});

test("reading a window again does not move the cursor, and after the depth it is forgotten", () => {
  let state = afterReading(startState(10 * HOUR_MS), reading(10, 11, "x"), rules);
  state = afterReading(state, reading(10, 13, "x"), rules);
  expect([state.cursorMs / HOUR_MS, state.recent[0]?.readings]).toEqual([11, 2]);
  state = afterReading(state, reading(10, 15, "x"), rules);
  expect(state.recent).toEqual([]);
});

test("a window that was read subscription by subscription is kept for a few more tries as a whole", () => {
  let state = afterReading(startState(0), { ...reading(0, 50, "x"), by: "subscription" }, rules);
  for (const tries of [1, 2]) {
    state = afterVainConfirmation(state, { startMs: 0, readAtMs: 60 * HOUR_MS }, rules);
    expect(state.recent[0]?.confirmTries).toBe(tries);
  }
  expect(afterReading(state, reading(0, 61, "y"), rules).recent).toEqual([]);
  expect(afterVainConfirmation(state, { startMs: 0, readAtMs: 61 * HOUR_MS }, rules).recent).toEqual([]);
});

test("a delivery with rejected rows keeps its file, until it is delivered again", () => {
  let state = afterReading(startState(0), reading(0, 1, "x", "1"), rules);
  state = afterDelivery(state, 1, { ...counts, accepted: 1, rejected: 1 });
  expect([state.spool.length, state.setAside.length, spooledBytes(state)]).toEqual([0, 1, 10]);
  state = againSetAside(state);
  expect([state.spool[0]?.number, state.nextNumber, state.setAside.length]).toEqual([2, 3, 0]);
});

test("what left in a bundle is kept until its receipt", () => {
  let state = afterReading(startState(0), reading(0, 1, "x", "1"), rules);
  state = afterExport(state, { content: "d1", createdAt: "then" });
  expect([state.spool, state.nextBundle, state.lastBundle, spooledBytes(state)]).toEqual([[], 2, "d1", 10]);
  expect(state.bundles[0]?.readings.map(({ file }) => file)).toEqual(["1"]);
  state = afterReceipt(state, 1);
  expect([state.bundles, spooledBytes(state)]).toEqual([[], 0]);
});

test("local subscriptions that are gone stay known as deleted, and those that only rows name are asked for too", () => {
  let state = afterListing(startState(0), [known("b"), known("c")]);
  expect(state.knownDelivered).toBe(false);
  const sent = state.known;
  state = afterSubscriptionsDelivered(afterReading(state, reading(0, 1, "x"), rules), sent);
  expect([state.knownDelivered, subscriptionsToAsk(state)]).toEqual([true, ["b", "c", "a"]]);
  state = afterListing(state, [known("c"), known("a")]);
  expect(state.known.map((so) => `${so.localSubscription} ${so.state}`)).toEqual([
    "a Enabled",
    "b Deleted",
    "c Enabled",
  ]);
  expect([state.knownDelivered, state.seenInRows]).toEqual([false, []]);
  expect(afterSubscriptionsDelivered(state, sent).knownDelivered).toBe(false);
});

test.each([
  [79, "free"],
  [80, "nearly-full"],
  [100, "full"],
])("a spool of 100 bytes that holds %i is %s", (bytes, room) => {
  expect(spoolRoom(bytes, { spoolBytesMax: 100, spoolWarnPercent: 80 })).toBe(room);
});
