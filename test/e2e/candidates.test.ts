import { expect, test } from "vitest";
import { ids, NORTH, openStampbook, registerNorth, tokenOf } from "../support/world.ts";
import { refusal } from "../support/refusal.ts";

// Goal: a refusal names what the caller may have meant, and nothing of anybody else, whoever asks for what.

const OWN = "60000000-aaaa-4bbb-8ccc-ddddeeee0001";
const FOREIGN = "60000000-aaaa-4bbb-8ccc-ddddeeee0002";
const MISTYPED = "60000000-aaaa-4bbb-8ccc-ddddeeee0003";

async function world() {
  const stampbook = await openStampbook();
  await registerNorth(stampbook);
  await stampbook.client.putCatalogue([
    { subscription: OWN, offerType: "CSP", partner: "contoso", displayName: "Fabrikam", tenant: ids.tenant },
    { subscription: FOREIGN, offerType: "CSP", partner: "northwind", displayName: "Secret", reseller: "Hidden" },
    { subscription: `${OWN.slice(0, -2)}12`, offerType: "CSP", partner: "contoso", state: "Disabled" },
    { subscription: `${OWN.slice(0, -2)}13`, offerType: "EA", partner: "contoso" },
  ]);
  return stampbook;
}

test("an unknown id: the caller's own CSP subscriptions nearby, never others', disabled or of another offer", async () => {
  const stampbook = await world();
  for (const given of [MISTYPED, OWN.slice(1), `${OWN}0`, OWN.replace("a", "o"), MISTYPED.toUpperCase()]) {
    const error = await refusal(stampbook.client.map(NORTH, given));
    expect(error.code, given).toBe("InvalidCustomerSubscriptionId");
    expect(error.details).toEqual({ candidates: [{ subscription: OWN, displayName: "Fabrikam" }] });
    expect(JSON.stringify(error.refusal)).not.toMatch(/northwind|Secret|Hidden|eeee0002/i);
  }
  expect((await refusal(stampbook.client.map(NORTH, "not-a-guid"))).details).toBeUndefined();
  await stampbook.close();
});

test("no CSP subscription: the CSP subscription nearby; wrong casing: the right one", async () => {
  const stampbook = await world();
  const enterprise = await refusal(stampbook.client.map(NORTH, `${OWN.slice(0, -2)}13`));
  expect([enterprise.code, enterprise.details]).toEqual([
    "InvalidCSPSubscription",
    { candidates: [{ subscription: OWN, displayName: "Fabrikam" }] },
  ]);
  const casing = await refusal(stampbook.client.map(NORTH, OWN.toUpperCase()));
  expect([casing.code, casing.details]).toEqual(["BadCustomerSubscriptionId", { candidates: [{ subscription: OWN }] }]);
  const disabled = await refusal(stampbook.client.map(NORTH, `${OWN.slice(0, -2)}12`));
  expect([disabled.code, disabled.message]).toEqual(["BadCustomerSubscriptionId", expect.stringContaining("disabled")]);
  await stampbook.close();
});

test("a foreign id is refused without a word on whose it is, in any casing", async () => {
  const stampbook = await world();
  const answers = new Set<string>();
  for (const given of [FOREIGN, FOREIGN.toUpperCase()]) {
    const error = await refusal(stampbook.client.map(NORTH, given));
    expect(error.code).toBe("BadCustomerSubscriptionId");
    expect(error.details).toBeUndefined();
    expect(JSON.stringify(error.refusal)).not.toMatch(/northwind|Secret|Hidden/i);
    answers.add(error.message.toLowerCase());
  }
  expect(answers.size).toBe(1);
  await stampbook.close();
});

test("an unapproved caller gets the same answer for every id, and no candidates", async () => {
  const stampbook = await world();
  const south = { ...NORTH, name: "south" };
  await stampbook.client.register(south, tokenOf("cloud-south"));
  const answers = new Set<string>();
  for (const given of [MISTYPED, FOREIGN, OWN, OWN.toUpperCase(), "x"]) {
    const { code, message, details } = await refusal(stampbook.client.map(south, given));
    answers.add(JSON.stringify([code, message, details]));
  }
  expect(answers.size).toBe(1);
  await stampbook.close();
});

test("a registration in a subscription that nobody knows any more gets no candidates", async () => {
  const stampbook = await world();
  await stampbook.client.removeCatalogueEntry(ids.registration);
  const error = await refusal(stampbook.client.map(NORTH, MISTYPED));
  expect([error.code, error.details]).toEqual(["SubscriptionNotFound", undefined]);
  await stampbook.close();
});

test("among 100,000 subscriptions the near one is found quickly", async () => {
  const stampbook = await world();
  const rows = Array.from({ length: 100_000 }, (_, n) => {
    const hex = ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0");
    return `${hex}-${hex.slice(4)}-4${hex.slice(5)}-8${hex.slice(1, 4)}-${hex}${hex.slice(0, 4)},CSP,contoso`;
  });
  const bytes = [Buffer.from(`subscription,offerType,partner\n${rows.join("\n")}`)];
  expect((await stampbook.client.importCatalogue({ bytes, type: "text/csv" })).counts.added).toBe(100_000);
  const began = performance.now();
  const error = await refusal(stampbook.client.map(NORTH, MISTYPED));
  const tookMs = performance.now() - began;
  expect(error.details).toEqual({ candidates: [{ subscription: OWN, displayName: "Fabrikam" }] });
  expect(tookMs).toBeLessThan(1_000);
  await stampbook.close();
});
