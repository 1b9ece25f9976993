import { expect, test } from "vitest";
import { stampsSeen } from "../../src/operations/usage/stampsSeen.ts";
import { asPage, hubPage, hubRecord, instant, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: whoever watches sees batches, records by outcome, durations and what is parked, and no scrape is dear.

const HOUR = "2024-02-10T10:00:00Z";
const STRANGER = "40000000-0000-4000-8000-0000000000ff";

test("metrics tell batches, records by outcome, and what is parked at most a minute ago", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const scrape = async () => {
    const { status, body } = await client.send({ method: "GET", path: "/metrics" });
    expect(status).toBe(200);
    const lines = String(body).split("\n");
    return (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  };
  const before = await scrape();
  expect(before('stampbook_usage_parked_records{reason="UnknownMeter"}')).toBe("0");
  expect(before("stampbook_usage_batches_total")).toBe("0");

  const stranger = hubRecord({ hour: HOUR, quantity: "100", localSubscription: STRANGER });
  const records = [hubRecord({ hour: HOUR, quantity: "1" }), stranger, hubRecord({ hour: HOUR, quantity: "-1" })];
  for (let i = 0; i < 2; i += 1) await client.takeIn("north", asPage(hubPage(records)), windowAfter(HOUR));

  const soon = await scrape();
  const outcome = (name: string) => soon(`stampbook_usage_records_total{outcome="${name}"}`);
  expect(["accepted", "parked", "rejected", "duplicate", "conflict"].map(outcome)).toEqual(["1", "1", "2", "2", "0"]);
  expect(soon("stampbook_usage_batches_total")).toBe("2");
  expect(soon("stampbook_usage_intake_seconds_count")).toBe("2");
  expect(soon('stampbook_usage_parked_records{reason="UnknownLocalSubscription"}')).toBe("0");

  stampbook.clock.set("2024-03-05T12:01:00Z");
  const later = await scrape();
  expect(later('stampbook_usage_parked_records{reason="UnknownLocalSubscription"}')).toBe("1");
  expect(later('stampbook_usage_parked_quantity{reason="UnknownLocalSubscription",unit="vcpu-hour"}')).toBe("100");
  expect(later('stampbook_usage_parked_amount{reason="UnknownLocalSubscription",currency="USD"}')).toBe("4.6");

  const ofNorth = '{registration="1",name="north"}';
  expect(before(`stampbook_stamp_hours_missing${ofNorth}`)).toBe("0");
  expect(before(`stampbook_stamp_reported_until_timestamp_seconds${ofNorth}`)).toBeUndefined();
  // Seven days back everything is missing: the stamp has reported, and nothing since.
  expect(later(`stampbook_stamp_hours_missing${ofNorth}`)).toBe("168");
  const until = String(instant(windowAfter(HOUR).end) / 1_000);
  expect(later(`stampbook_stamp_reported_until_timestamp_seconds${ofNorth}`)).toBe(until);
  stampbook.clock.set("2024-02-10T18:10:00Z");
  const back = stampbook.stampbook.context;
  expect((await stampsSeen(back)).map(({ hoursMissing }) => hoursMissing)).toEqual([3]);
  await stampbook.close();
});
