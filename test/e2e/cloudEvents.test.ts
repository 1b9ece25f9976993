import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import {
  asLines,
  hubRecord,
  openStampbook,
  registerNorth,
  type TestStampbook,
  usageEvent,
  windowAfter,
} from "../support/world.ts";
import { closeAtEnd } from "../support/temporary.ts";

// Goal: usage of any source comes in as CloudEvents, in each of their three forms, and is counted once and for ever.
// Method: real engines; the same event again in another form, with another content, and beside a stamp's records.

const HOUR = "2024-02-10T10:00:00Z";
const BATCH = "application/cloudevents-batch+json";
let stampbook: TestStampbook;

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  await registerNorth(stampbook);
});

const send = async (text: string, type: string) =>
  await stampbook.client.takeIn("north", { bytes: [Buffer.from(text)], type });

test("a batch, a single event and lines are the same events", async () => {
  const events = ["a", "b", "c"].map((id) => usageEvent({ id, hour: HOUR, quantity: '"0.10"' }));
  expect((await send(`[${events.join(" ,\n")}]`, BATCH)).counts).toMatchObject({ accepted: 3, rejected: 0 });
  expect((await send(events[0]!, "application/cloudevents+json")).counts).toMatchObject({ duplicate: 1, accepted: 0 });
  expect((await send(events.join("\n"), "application/x-ndjson")).counts).toMatchObject({ duplicate: 3, accepted: 0 });
  const otherSpelling = usageEvent({ id: "a", hour: HOUR, quantity: "1E-1" });
  expect((await send(otherSpelling, "application/cloudevents+json; charset=utf-8")).counts.duplicate).toBe(1);
});

test("source and id identify an event: other content is a conflict, another source another event", async () => {
  const event = { id: "x1", hour: HOUR, quantity: "1" };
  expect((await send(`[${usageEvent(event)}]`, BATCH)).counts.accepted).toBe(1);
  const changed = await send(`[${usageEvent({ ...event, quantity: "2" })}]`, BATCH);
  expect(changed.counts).toMatchObject({ conflict: 1, accepted: 0 });
  const laterHour = usageEvent({ ...event, hour: "2024-02-11T10:00:00Z" });
  expect((await send(`[${laterHour}]`, BATCH)).counts).toMatchObject({ conflict: 1, accepted: 0 });
  const elsewhere = usageEvent({ ...event, source: "/meters/other" });
  expect((await send(`[${elsewhere}]`, BATCH)).counts.accepted).toBe(1);
});

test("lines may mix events and a stamp's records; each is judged on its own", async () => {
  const lines = [
    usageEvent({ id: "m1", hour: HOUR, quantity: "1" }),
    hubRecord({ hour: HOUR, quantity: "1", resource: "/gpu/pool7" }),
    usageEvent({ id: "m2", hour: HOUR, quantity: "-1" }),
    usageEvent({ id: "m3", hour: HOUR, quantity: "1" }).replace("usage.v1", "usage.v9"),
  ];
  const taken = await stampbook.client.takeIn(
    "north",
    { bytes: [gzipSync(lines.join("\n"))], type: "application/x-ndjson", encoding: "gzip" },
    windowAfter(HOUR),
  );
  expect(taken.counts).toEqual({ accepted: 2, duplicate: 0, conflict: 0, parked: 0, rejected: 2 });
  expect(taken.problems.map(({ position, code }) => [position, code])).toEqual([
    [3, "QuantityNegative"],
    [4, "EventTypeUnsupported"],
  ]);
  expect((await stampbook.client.takeIn("north", asLines(lines.slice(0, 2)), windowAfter(HOUR))).counts.duplicate).toBe(
    2,
  );
});

test("all of it is on statements or parked", async () => {
  const { conservation } = await stampbook.client.runStatements("2024-02");
  expect(conservation).toMatchObject({ stored: 9, billed: 7, parked: 2, difference: 0, metersUnequal: 0 });
});
