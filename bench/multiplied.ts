import { setTimeout as sleep } from "node:timers/promises";
import { registrationId, type SubscriptionId } from "../src/domain/ids.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

/** Copies that one insert makes. */
const COPIES_PER_INSERT_MAX = 5;
/** Merges are over once none was seen so often. */
const QUIET_LOOKS = 5;
const LOOK_EVERY_MS = 1_000;
const ALWAYS = { recordedUntilMs: Number.MAX_SAFE_INTEGER };

/** Another subscription for each copy. */
export const payerOf = (subscription: SubscriptionId, copy: number): SubscriptionId =>
  (((Number.parseInt(subscription.slice(0, 8), 16) + copy) >>> 0).toString(16).padStart(8, "0") +
    subscription.slice(8)) as SubscriptionId;

const MILLION = 1_000_000;

/**
 * Measures a store of a million records of the simulator, and that with copies of them.
 * @param stages millions of records
 * @param measure told the stage, and a name of what is stored without how many records it is
 */
export async function atSizes(
  stages: readonly number[],
  measure: (
    store: OpenStore,
    of: { readonly data: Dataset; readonly millions: number; readonly name: string },
  ) => Promise<void>,
): Promise<void> {
  const data = await dataset(MILLION);
  const store = await openStore(data);
  try {
    await importAll(store.client, data);
    let held = 1;
    for (const millions of stages) {
      await multiply(store, data.files.length, { from: held, to: millions });
      held = millions;
      await settled(store);
      const name = `${data.name}${millions === 1 ? "" : ` and ${millions - 1} copies on other stamps`}`;
      await measure(store, { data, millions, name });
    }
  } finally {
    await store.close();
    store.remove();
  }
}

/** Waits until the engine has merged what was just written, as it has in a store that is in use. */
async function settled({ usage }: OpenStore): Promise<void> {
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet += 1) {
    await sleep(LOOK_EVERY_MS);
    const [[merges]] = (await usage.engine.query("read", "select count() from system.merges")) as [[number]];
    if (merges > 0) quiet = -1;
  }
}

/**
 * Fills a store with copies of its first stamps, made by the engine itself: each copy is as many stamps more, with the same
 * local subscriptions and usage, mapped at the same hours to other payers.
 * @param copies their numbers; the first stamps are number 0
 */
export async function multiply(
  { control, usage }: OpenStore,
  stamps: number,
  copies: { readonly from: number; readonly to: number },
): Promise<void> {
  const ofFirst = ({ registration }: { readonly registration: number }): boolean => registration <= stamps;
  const registrations = (await control.registrations.list()).filter(({ id }) => id <= stamps);
  const locals = (await control.localSubscriptions.changes(ALWAYS)).filter(ofFirst);
  const mappings = (await control.tenancy.changes(ALWAYS)).filter(ofFirst);
  const models = (await control.registrations.billingModelChanges(ALWAYS)).filter(ofFirst);
  const days = (await control.usageDays.between(0, 100_000)).filter(ofFirst);
  const shifted = (id: number, copy: number) => registrationId(id + copy * stamps);
  for (let copy = copies.from; copy < copies.to; copy += 1) {
    const of = <Thing extends { readonly registration: number }>(things: readonly Thing[]) =>
      things.map((thing) => ({ ...thing, registration: shifted(thing.registration, copy) }));
    await control.transaction(async (stores) => {
      for (const { id, name, cloudId, subscription, ...facts } of registrations) {
        const added = await stores.registrations.insert({
          ...facts,
          subscription: payerOf(subscription, copy),
          name: `${name}-${copy}`,
          cloudId: `${cloudId}-${copy}`,
        });
        if (added.id !== shifted(id, copy)) throw new Error(`the copy of registration ${id} got number ${added.id}`);
      }
      await stores.localSubscriptions.add(of(locals));
      for (const { customer, ...mapping } of of(mappings)) {
        await stores.tenancy.addChange({ ...mapping, customer: customer && payerOf(customer, copy) });
      }
      for (const model of of(models)) await stores.registrations.addBillingModel(model);
    });
    for (const { registration, day, touchedBy } of of(days)) {
      await control.usageDays.touch({ registration, batch: touchedBy, days: [day] });
    }
  }
  for (let { from } = copies; from < copies.to; from += COPIES_PER_INSERT_MAX) {
    const count = Math.min(COPIES_PER_INSERT_MAX, copies.to - from);
    await usage.engine.query(
      "write",
      `insert into usage_entry select * except (copy) replace (toUInt32(registration + ${stamps} * copy) as registration)
       from (select * from usage_entry where registration <= ${stamps}) as first
       cross join (select number as copy from numbers(${from}, ${count})) as copies
       settings max_partitions_per_insert_block = 0`,
    );
  }
}
