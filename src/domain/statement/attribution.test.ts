import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Hour, type LocalSubscriptionId, registrationId, type SubscriptionId, type TenantId } from "../ids.ts";
import type { BillingModel, BillingModelChange, Registration } from "../registration/registration.ts";
import type { MappingChange } from "../tenancy/mapping.ts";
import type { LocalSubscriptionChange } from "../usage/localSubscription.ts";
import { Attribution, type AttributionRecords } from "./attribution.ts";

// Goal: who pays for an hour is decided by tenant, mapping and billing model of that hour, as it was known.
// Method: rows by hand; then random histories against an oracle that looks every hour up by scanning all changes.

const NORTH = registrationId(1);
const L = "l" as LocalSubscriptionId;
const hour = (n: number) => n as Hour;

const registration = { id: NORTH, subscription: "R" as SubscriptionId, billingModel: "PayAsYouUse" } as Registration;
const stamp = (id: number, effectiveHour: number) => ({
  id,
  effectiveHour: hour(effectiveHour),
  recordedAtMs: id,
  recordedBy: "test",
});
const local = (id: number, from: number, tenant: string, localSubscription = L): LocalSubscriptionChange => ({
  ...stamp(id, from),
  registration: NORTH,
  localSubscription,
  tenant: tenant as TenantId,
  owner: "",
  offer: "",
  displayName: `change ${id}`,
  state: "Enabled",
});
const mapping = (id: number, from: number, tenant: string, customer: string | null): MappingChange => ({
  ...stamp(id, from),
  registration: NORTH,
  tenant: tenant as TenantId,
  customer: customer as SubscriptionId | null,
});
const model = (id: number, from: number, billingModel: BillingModel): BillingModelChange => ({
  cores: null,
  ...stamp(id, from),
  registration: NORTH,
  billingModel,
});
const attribution = (records: Partial<AttributionRecords>): Attribution =>
  new Attribution({ registrations: [registration], locals: [], mappings: [], billingModels: [], ...records });

describe("a local subscription that moves from tenant A to tenant B at 10", () => {
  const facts = attribution({
    locals: [local(1, 2, "A"), local(2, 10, "B"), local(3, 14, "B")],
    mappings: [mapping(1, 5, "A", "CA"), mapping(2, 12, "B", "CB"), mapping(3, 15, "B", null)],
    billingModels: [model(1, 0, "Capacity"), model(2, 4, "PayAsYouUse")],
  });

  test.each([
    [1, undefined], // nobody knows it yet
    [2, "A R no-mapping Capacity"],
    [4, "A R no-mapping PayAsYouUse"],
    [5, "A CA mapping PayAsYouUse"],
    [9, "A CA mapping PayAsYouUse"],
    [10, "B R no-mapping PayAsYouUse"], // the mapping of A does not follow it
    [12, "B CB mapping PayAsYouUse"],
    [14, "B CB mapping PayAsYouUse"], // another name, the same tenant
    [15, "B R removed-mapping PayAsYouUse"],
  ])("hour %i: %s", (at, expected) => {
    const so = facts.at(NORTH, L, hour(at));
    expect(so && `${so.tenant} ${so.payer.subscription} ${so.payer.by} ${so.billingModel}`).toBe(expected);
  });

  const bounds = (segments: readonly { readonly from: Hour; readonly to: Hour }[]) =>
    segments.map(({ from, to }) => [from, to]);

  test("is cut where tenant, payer or billing model change, and nowhere else", () => {
    expect(bounds(facts.cuts(hour(0), hour(20)))).toEqual([
      [0, 2],
      [2, 4],
      [4, 5],
      [5, 10],
      [10, 12],
      [12, 15],
      [15, 20],
    ]);
    expect(facts.cuts(hour(12), hour(15))).toEqual([]);
    expect(bounds(facts.parkingCuts(hour(0), hour(20)))).toEqual([
      [0, 2],
      [2, 4],
      [4, 20],
    ]);
  });

  test("is billed to each payer for that payer's hours, without those of a Capacity registration", () => {
    expect(bounds(facts.segmentsOf("R", hour(0), hour(20)))).toEqual([
      [4, 5],
      [10, 12],
      [15, 20],
    ]);
    expect(bounds(facts.segmentsOf("CA", hour(0), hour(8)))).toEqual([[5, 8]]);
    expect(facts.segmentsOf("nobody", hour(0), hour(20))).toEqual([]);
  });
});

test("a registration whose billing model has no history counts as it is", () => {
  expect(attribution({ locals: [local(1, 0, "A")] }).at(NORTH, L, hour(3))?.billingModel).toBe("PayAsYouUse");
});

/** The newest change of the latest hour that is not after `at`. */
const newest = <Change extends LocalSubscriptionChange | MappingChange | BillingModelChange>(
  changes: readonly Change[],
  at: Hour,
): Change | undefined => {
  let best: Change | undefined;
  for (const change of changes) {
    if (change.effectiveHour > at) continue;
    const later = best === undefined || change.effectiveHour > best.effectiveHour;
    if (later || (change.effectiveHour === best?.effectiveHour && change.id > best.id)) best = change;
  }
  return best;
};

/** One text for everything that decides an hour. */
function oracle({ locals, mappings, billingModels }: AttributionRecords, id: LocalSubscriptionId, at: Hour): string {
  const tenant = newest(
    locals.filter((so) => so.localSubscription === id),
    at,
  )?.tenant;
  if (tenant === undefined) return "unknown";
  const customer =
    newest(
      mappings.filter((so) => so.tenant === tenant),
      at,
    )?.customer ?? "R";
  return `${tenant} ${customer} ${newest(billingModels, at)?.billingModel ?? "PayAsYouUse"}`;
}

test("any history, at any moment of knowledge: each hour is as a look through all changes says, and segments agree", () => {
  const HOURS = 24;
  const at = fc.integer({ min: 0, max: HOURS + 2 });
  const some = <Value>(value: fc.Arbitrary<Value>) => fc.array(fc.tuple(at, value), { maxLength: 8 });
  const histories = fc.record({
    locals: some(fc.tuple(fc.constantFrom("l1", "l2"), fc.constantFrom("A", "B"))),
    mappings: some(fc.tuple(fc.constantFrom("A", "B"), fc.option(fc.constantFrom("C1", "C2")))),
    billingModels: some(fc.constantFrom<BillingModel>("PayAsYouUse", "Capacity")),
    knownUntil: fc.integer({ min: 0, max: 8 }),
  });
  fc.assert(
    fc.property(histories, ({ locals, mappings, billingModels, knownUntil }) => {
      const known = <Change extends { id: number }>(changes: Change[]) => changes.filter(({ id }) => id <= knownUntil);
      const records: AttributionRecords = {
        registrations: [registration],
        locals: known(locals.map(([from, [id, tenant]], i) => local(i + 1, from, tenant, id as LocalSubscriptionId))),
        mappings: known(mappings.map(([from, [tenant, customer]], i) => mapping(i + 1, from, tenant, customer))),
        billingModels: known(billingModels.map(([from, name], i) => model(i + 1, from, name))),
      };
      const facts = attribution(records);
      const cuts = facts.cuts(hour(0), hour(HOURS));
      for (const id of ["l1", "l2"] as LocalSubscriptionId[]) {
        const own = cuts.filter(({ localSubscription }) => localSubscription === id);
        for (let h = 0; h < HOURS; h += 1) {
          const expected = oracle(records, id, hour(h));
          const so = facts.at(NORTH, id, hour(h));
          expect(so ? `${so.tenant} ${so.payer.subscription} ${so.billingModel}` : "unknown").toBe(expected);
          const isCut = own.some(({ from }) => from === h);
          if (h > 0 && !isCut) expect(expected).toBe(oracle(records, id, hour(h - 1)));
          const billedTo = ["R", "C1", "C2"].filter((payer) =>
            facts
              .segmentsOf(payer, hour(0), hour(HOURS))
              .some((segment) => segment.localSubscription === id && segment.from <= h && h < segment.to),
          );
          expect(billedTo).toEqual(/Capacity|unknown/.test(expected) ? [] : [expected.split(" ")[1]]);
        }
      }
    }),
  );
});
