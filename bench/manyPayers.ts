import { type MeterId, meterId, type RegistrationId, type SubscriptionId } from "../src/domain/ids.ts";
import type { ControlStores } from "../src/domain/controlStore.ts";
import type { CatalogueSubscription } from "../src/domain/catalogue/subscription.ts";
import type { Registration } from "../src/domain/registration/registration.ts";
import type { MappingChange } from "../src/domain/tenancy/mapping.ts";
import type { LocalSubscriptionChange } from "../src/domain/usage/localSubscription.ts";
import { periodOf } from "../src/domain/statement/period.ts";
import { daysOf } from "../src/domain/usage/day.ts";
import { parseInstant } from "../src/lib/instant.ts";
import { PERIOD } from "./dataset.ts";
import { type OpenStore, rollUpAll } from "./store.ts";

export const METERS = 20;
export const PARTNER = "partner-of-many";
export const SHEET = "tiers";
const PAYERS_OF_STAMP = 1_000;
const ALWAYS = { recordedUntilMs: Number.MAX_SAFE_INTEGER };
const LONG_AGO = "2020-01-01T00:00:00Z";

/** What every stamp and payer is a copy of. */
interface Templates {
  readonly registration: Registration;
  readonly mapping: MappingChange;
  readonly local: LocalSubscriptionChange;
  readonly entry: CatalogueSubscription;
}

/** An id that tells a number, and ends as the first one does. */
const numbered = <Id extends string>(id: Id, prefix: string, number: number): Id =>
  `${prefix}${number.toString(16).padStart(7, "0")}${id.slice(8)}` as Id;

/** A sheet of graduated tiers. @param dearer what the last tier of the first meter costs */
export const tieredList = (meters: readonly MeterId[], dearer = "0.0099"): string =>
  `meter,unit,tierFrom,unitPrice,currency\n${meters
    .flatMap((meter, i) => [
      `${meter},unit,0,0.0123,EUR`,
      `${meter},unit,3,0.0117,EUR`,
      `${meter},unit,8,${i === 0 ? dearer : "0.0099"},EUR`,
    ])
    .join("\n")}\n`;

/** Prices the first meters that the built-in list has a price for, for everyone. */
async function priceWithTiers({ client }: OpenStore): Promise<readonly MeterId[]> {
  const { prices } = await client.prices.version("default-2019-12", 1);
  const priced = new Set(prices.filter(({ free }) => !free).map(({ commerceMeter }) => commerceMeter));
  const meters = [...priced].slice(0, METERS).map((meter) => meterId(meter)!);
  if (meters.length < METERS) throw new Error(`only ${meters.length} meters have a price`);
  await client.prices.import(SHEET, { bytes: [Buffer.from(tieredList(meters))], type: "text/csv" });
  await client.prices.publish(SHEET, { from: LONG_AGO, reason: "a list with tiers" });
  await client.prices.assign({ party: { kind: "everyone" }, sheet: SHEET, from: LONG_AGO, reason: "all" });
  return meters;
}

async function templatesOf({ control }: OpenStore): Promise<Templates> {
  const [registration] = await control.registrations.list();
  const ofFirst = (so: { readonly registration: RegistrationId }): boolean => so.registration === registration!.id;
  const mapping = (await control.tenancy.changes(ALWAYS)).find(ofFirst)!;
  const local = (await control.localSubscriptions.changes(ALWAYS)).find(ofFirst)!;
  const [entry] = await control.catalogue.findMany([mapping.customer!]);
  return { registration: registration!, mapping, local, entry: entry! };
}

/** A stamp with 1,000 tenants, each with a local subscription and a payer of its own. */
async function addStamp(
  stores: ControlStores,
  { registration, mapping, local, entry }: Templates,
  stamp: number,
): Promise<RegistrationId> {
  const { id: _, name, cloudId, ...facts } = registration;
  const own = { ...facts, name: `${name}-${stamp}`, cloudId: `${cloudId}-${stamp}` };
  const { id } = await stores.registrations.insert(own);
  const numbers = Array.from({ length: PAYERS_OF_STAMP }, (_n, i) => stamp * PAYERS_OF_STAMP + i);
  const payerOf = (number: number): SubscriptionId => numbered(mapping.customer!, "a", number);
  const tenantOf = (number: number) => numbered(local.tenant, "c", number);
  const chain = { partner: PARTNER, provider: null, reseller: null };
  const entries = numbers.map((number) => ({ ...entry, ...chain, subscription: payerOf(number) }));
  await stores.catalogue.put(entries, mapping.recordedAtMs, "bench");
  await stores.localSubscriptions.add(
    numbers.map((number) => ({
      ...local,
      registration: id,
      localSubscription: numbered(local.localSubscription, "b", number),
      tenant: tenantOf(number),
    })),
  );
  for (const number of numbers) {
    const of = { registration: id, tenant: tenantOf(number), customer: payerOf(number) };
    await stores.tenancy.addChange({ ...mapping, ...of, effectiveHour: local.effectiveHour });
  }
  return id;
}

/**
 * Adds payers to a store that holds a small world, each with usage of 20 meters in hours all over the month; usage is made by
 * the engine itself.
 * @param payers a multiple of 1,000
 */
export async function addManyPayers(store: OpenStore, payers: number, records: number): Promise<readonly MeterId[]> {
  const meters = await priceWithTiers(store);
  const templates = await templatesOf(store);
  const { lastBatch } = await store.control.batches.lastComplete();
  const names = meters.map((meter) => `'${meter}'`).join(", ");
  const rows = (records / payers) * PAYERS_OF_STAMP;
  for (let stamp = 1; stamp <= payers / PAYERS_OF_STAMP; stamp += 1) {
    const id = await store.control.transaction((stores) => addStamp(stores, templates, stamp));
    const payer = `lower(hex(toUInt32(${stamp * PAYERS_OF_STAMP} + number % ${PAYERS_OF_STAMP})))`;
    const hour = `intDiv(number, ${PAYERS_OF_STAMP * METERS}) * 61 % 696`;
    await store.usage.engine.query(
      "write",
      `insert into usage_entry (registration, reported_start, reported_end, local_subscription, usage_start, series,
         event, meter, meter_as_sent, resource_uri, location, tags, additional_info, quantity, content, held, kind, sign,
         decision, ended, batch, delivery, position, accepted_at)
       select ${id}, start, start + 3600, concat('b', leftPad(${payer}, 7, '0'), '${templates.local.localSubscription.slice(8)}'),
         start, unhex('00'), unhex(leftPad(hex(toUInt64(number + ${stamp} * 100000000)), 32, '0')),
         arrayElement([${names}], intDiv(number, ${PAYERS_OF_STAMP}) % ${METERS} + 1), '', '', 'north', '', '',
         toDecimal256(1 + number % 977, 30) / 719, unhex('01'), 'no', 'delivery', 1, 0, 18446744073709551615,
         ${lastBatch}, ${lastBatch}, 0, now64(3)
       from (select number, toDateTime('${PERIOD}-01 00:00:00', 'UTC') + 3600 * (${hour}) as start from numbers(${rows}))`,
    );
  }
  return meters;
}

/** Marks every day of the month, as an intake does, and rolls them up, as a server does after minutes. */
export async function rollUpMonth(store: OpenStore): Promise<void> {
  const { lastBatch: batch } = await store.control.batches.lastComplete();
  const [first, end] = daysOf(periodOf(parseInstant(`${PERIOD}-01T00:00:00Z`)!));
  const days = Array.from({ length: end - first }, (_, i) => first + i);
  for (const { id } of await store.control.registrations.list()) {
    await store.control.usageDays.touch({ registration: id, batch, days });
  }
  await rollUpAll(store);
}
