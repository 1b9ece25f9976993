import { expect, test } from "vitest";
import { stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { refusal } from "../support/refusal.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: a trial tells exactly what a period would come to, to the payer, meter and line, and leaves no trace.
// Method: a closed month of two payers, tried under a draft list and another mapping; then the supposed is done, and the
// corrections must come to what the trial said.

const HOUR = "2024-02-10T10:00:00Z";
const PERIOD = "2024-02";
const OTHER_METER = "b4438d5d-453b-4ee1-b42a-dc72e377f1e4";
const LIST = `meter,unit,unitPrice,currency
fab6eb84-500b-4a09-a8ca-7358f8bbaea5,vCPU-hour,0.010,USD
`;

async function closedMonth() {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  clock.set("2024-03-05T12:00:00Z");
  const lines = [
    hubRecord({ hour: HOUR, quantity: "1000.0", resource: "/r/1", meter: "FAB6EB84500B4A09A8CA7358F8BBAEA5" }),
    hubRecord({
      hour: HOUR,
      quantity: "500",
      resource: "/r/2",
      meter: "FAB6EB84500B4A09A8CA7358F8BBAEA5",
      localSubscription: ids.secondLocal,
    }),
  ];
  await client.takeIn("north", asLines(lines), windowAfter(HOUR));
  await closeAnyway(client, PERIOD);
  return stampbook;
}

test("a draft list on a closed month: differences of payers, meters and lines; and nothing is left of it", async () => {
  const stampbook = await closedMonth();
  const { client, folder } = stampbook;
  await client.prices.import("next", { bytes: [Buffer.from(LIST)], type: "text/csv" });
  const nothing = await client.closing.trial(PERIOD, { prices: { sheet: "next", version: 1 } });
  expect(nothing).toMatchObject({ payersInAll: 0, payersUnchanged: 2, meters: [] });

  // Once a version of the sheet counts for everyone, a new draft of it is what is tried.
  await client.prices.publish("next", { from: "2024-03-01T00:00:00Z", reason: "the list" });
  const { statements, documents } = stampbook.stampbook.context.control;
  const kept = async () => JSON.stringify([await statements.list(PERIOD), await documents.list({ period: PERIOD })]);
  const before = await kept();
  const mapped = await client.closing.trial(PERIOD, {
    mapping: { registration: "north", tenant: ids.secondTenant, customerSubscription: ids.customer },
  });
  // 500 × 0.008 goes from the registration's subscription to the customer, whose line is 1,500 × 0.008 then.
  expect(mapped.payers).toMatchObject([
    { payer: ids.registration, before: "4", after: "0", difference: "-4", linesInAll: 1 },
    { payer: ids.customer, before: "8", after: "12", difference: "4", linesInAll: 1 },
  ]);
  expect(mapped.payers[1]!.lines).toMatchObject([
    {
      before: { quantity: "1000", amount: "8.00" },
      after: { quantity: "1500", amount: "12.00" },
      amountDifference: "4.00",
    },
  ]);
  expect(mapped.meters).toEqual([]);
  const late = await client.closing.trial(PERIOD, {
    from: "2024-02-10T11:00:00Z",
    mapping: { registration: "north", tenant: ids.secondTenant, customerSubscription: ids.customer },
  });
  expect(late).toMatchObject({ payersInAll: 0, payersUnchanged: 2 });
  expect(await kept()).toBe(before);

  const refused = (supposed: object) => refusal(client.closing.trial(PERIOD, supposed));
  expect(await refused({})).toMatchObject({ code: "InvalidParameter" });
  expect(await refused({ prices: { sheet: "nobody", version: 1 } })).toMatchObject({ code: "PriceSheetNotFound" });
  expect(await refused({ prices: { sheet: "next", version: 9 } })).toMatchObject({ code: "PriceVersionNotFound" });
  expect(await refused({ prices: { sheet: "default-2019-12", version: 1 } })).toMatchObject({
    code: "PriceSheetIsBuiltIn",
  });
  await stampbook.close();

  const data = ["--data-folder", `${folder}/data`];
  const text = await command(
    [...data, "statements", "try", "mapping", PERIOD, "north", ids.secondTenant, "--payer", ids.customer],
    {
      cwd: folder,
    },
  );
  expect(text.stdout).toMatch(/-4\s+USD/);
});

test("what a trial of prices says is what the statements come to when they are published", async () => {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  const list = `${LIST}${OTHER_METER},unit,0.5,USD\n`;
  await client.prices.import("list", { bytes: [Buffer.from(list)], type: "text/csv" });
  await client.prices.publish("list", { from: "2024-01-01T00:00:00Z", reason: "the list" });
  await client.prices.assign({
    level: "customer",
    party: { kind: "everyone" },
    sheet: "list",
    from: "2024-01-01T00:00:00Z",
    reason: "all",
  });
  clock.set("2024-02-20T12:00:00Z");
  const meter = "FAB6EB84500B4A09A8CA7358F8BBAEA5";
  const records = [
    hubRecord({ hour: HOUR, quantity: "333.3", resource: "/r/1", meter }),
    // What is not tried counts in the totals, and nobody asks for more of it.
    hubRecord({ hour: HOUR, quantity: "40", resource: "/r/1", meter: OTHER_METER }),
    hubRecord({ hour: HOUR, quantity: "7", resource: "/r/2", meter: OTHER_METER, localSubscription: ids.secondLocal }),
  ];
  await client.takeIn("north", asLines(records), windowAfter(HOUR));
  await client.prices.import("list", { bytes: [Buffer.from(list.replace("0.010", "0.0125"))], type: "text/csv" });
  const trial = await client.closing.trial(PERIOD, { prices: { sheet: "list", version: 2 } });
  // 333.3 × 0.010 = 3.333, 3.33; × 0.0125 = 4.16625, 4.16; and 40 × 0.5 on both sides.
  expect(trial).toMatchObject({ payersInAll: 1, payersUnchanged: 0 });
  expect(trial.payers).toMatchObject([
    { payer: ids.customer, before: "23.33", after: "24.16", difference: "0.83", linesInAll: 1, fault: null },
  ]);
  expect(trial.meters).toMatchObject([{ before: "3.33", after: "4.16", difference: "0.83", currency: "USD" }]);
  await client.prices.publish("list", { from: "2024-02-01T00:00:00Z", reason: "the new list" });
  await client.runStatements(PERIOD);
  expect(await client.statements(PERIOD)).toMatchObject([
    { payer: ids.registration, total: "3.50" },
    { payer: ids.customer, total: "24.16" },
  ]);
  await stampbook.close();
});
