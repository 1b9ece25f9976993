import type { MeterId, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Level, TermedPrice } from "../../domain/rating/priceTerms.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { CapacityFacts } from "../../domain/statement/capacity.ts";
import {
  type BilledSum,
  type ChargeGroup,
  groupCharges,
  groupNeedsTimeOrder,
  type HourlyQuantity,
  orderedUsage,
} from "../../domain/statement/charges.ts";
import { classify } from "../../domain/statement/classify.ts";
import { type Parties, partiesOf, type PayerFacts } from "../../domain/statement/level.ts";
import type { UsageScope } from "../../domain/usage/store.ts";
import { formatFraction, type Fraction } from "../../lib/fraction.ts";
import { PackedRows } from "../../lib/packedRows.ts";
import type { Context } from "../context.ts";
import type { ClassifiedTotal, Knowledge } from "./classified.ts";

/** A payer, and all that makes its statement. */
export interface RatedPayer {
  readonly level: Level;
  /** Whose usage it pays for: of a customer its own subscription. */
  readonly subscriptions: readonly SubscriptionId[];
  /** Undefined where the catalogue never knew the first subscription. */
  readonly facts: PayerFacts | undefined;
  readonly parties: Parties;
}

/** For whom statements are closed whose payer no catalogue ever knew. */
export const NO_PARTNER = "-";

/** Usage that climbs tiers together; hour by hour where the order of usage decides what each stamp and meter pays. */
export interface RatedGroup {
  readonly group: ChargeGroup;
  readonly ordered: readonly HourlyQuantity[] | undefined;
}

/** Payers whose usage is unpacked at once. */
const PAYERS_IN_BOX = 250;

type BilledRow = readonly [
  payer: string,
  subscription: SubscriptionId,
  registration: RegistrationId,
  meter: MeterId,
  /** Numbers in the lists of the level: one object each, that many sums share. */
  price: number,
  factor: number,
  quantity: string,
  records: number,
];

/** Gives things numbers by a key, so that rows can name them. */
class Numbered<Thing, Key> {
  readonly #keyOf: (thing: Thing) => Key;
  readonly #numbers = new Map<Key, number>();
  readonly #things: Thing[] = [];

  constructor(keyOf: (thing: Thing) => Key) {
    this.#keyOf = keyOf;
  }

  numberOf(thing: Thing): number {
    const key = this.#keyOf(thing);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#things.length);
    return this.#things.push(thing) - 1;
  }

  thing(number: number): Thing {
    return this.#things[number]!;
  }
}

/** Names a group among those of a level. */
const groupName = ({ payer, commerceMeter, sheet }: Pick<ChargeGroup, "payer" | "commerceMeter" | "sheet">): string =>
  `${payer}\n${commerceMeter}\n${sheet}`;

/**
 * Everything about a period at one level. Sums are put in one by one and kept packed, in boxes of some payers; whoever takes
 * payers in their order unpacks each box once.
 */
export class RatedLevel {
  readonly #knowledge: Knowledge;
  readonly #scope: UsageScope;
  readonly #facts: ReadonlyMap<SubscriptionId, PayerFacts>;
  /** The box of everybody who could pay. */
  readonly #boxes: ReadonlyMap<string, number>;
  readonly #rows = new PackedRows<BilledRow>();
  readonly #prices = new Numbered<TermedPrice, TermedPrice>((price) => price);
  readonly #factors = new Numbered<Fraction, string>(formatFraction);
  readonly #payers = new Map<string, RatedPayer & { readonly subscriptions: SubscriptionId[] }>();
  /** Who pays for a subscription; undefined where the chain has no such level. */
  readonly #payerKeys = new Map<SubscriptionId, string | undefined>();
  readonly #capacity = new Map<string, CapacityFacts[]>();
  readonly #hourly = new Map<string, readonly HourlyQuantity[]>();
  #unpacked: { readonly box: number; readonly groups: ReadonlyMap<string, readonly ChargeGroup[]> } | undefined;

  /** @param facts what the catalogue knew of everybody whose usage it may be */
  constructor(knowledge: Knowledge, scope: UsageScope, facts: ReadonlyMap<SubscriptionId, PayerFacts>) {
    this.#knowledge = knowledge;
    this.#scope = scope;
    this.#facts = facts;
    const possible = [...knowledge.attribution.payers()].flatMap((so) => this.#partiesOf(so)?.payer ?? []);
    this.#boxes = new Map([...new Set(possible)].sort().map((payer, i) => [payer, Math.floor(i / PAYERS_IN_BOX)]));
  }

  #partiesOf(subscription: SubscriptionId): Parties | undefined {
    const { level } = this.#knowledge;
    const own = this.#facts.get(subscription);
    if (own !== undefined) return partiesOf(level, subscription, own.entry);
    return level === "customer" ? { payer: subscription, issuer: NO_PARTNER, partner: NO_PARTNER } : undefined;
  }

  #keyOf(subscription: SubscriptionId): string | undefined {
    if (this.#payerKeys.has(subscription)) return this.#payerKeys.get(subscription);
    const parties = this.#partiesOf(subscription);
    const key = parties?.payer;
    this.#payerKeys.set(subscription, key);
    if (parties === undefined || key === undefined) return undefined;
    const payer = this.#payers.get(key);
    if (payer !== undefined) payer.subscriptions.push(subscription);
    else {
      const { level } = this.#knowledge;
      const facts = this.#facts.get(subscription);
      this.#payers.set(key, { level, subscriptions: [subscription], facts, parties });
    }
    return key;
  }

  /** @param total as it is classified for customers; for others it is classified anew */
  add(total: ClassifiedTotal): void {
    const { level } = this.#knowledge;
    const so = level === "customer" ? total : { ...total, ...classify(total, total.from, this.#knowledge) };
    if (so.kind !== "billed") return;
    const payer = this.#keyOf(so.payer);
    if (payer === undefined) return;
    const { registration, meter, quantity, records } = so;
    const [price, factor] = [this.#prices.numberOf(so.price), this.#factors.numberOf(so.factor)];
    this.#rows.add(this.#boxes.get(payer)!, [payer, so.payer, registration, meter, price, factor, quantity, records]);
  }

  /**
   * To be called when all is put in: looks for stamps that are billed by their capacity, and asks for the usage, hour by
   * hour, of those groups of which the order of usage decides what each stamp and meter pays.
   * @throws Fault UsageEngineUnavailable
   */
  async finish({ usage }: Pick<Context, "usage">): Promise<void> {
    const { level, attribution, book } = this.#knowledge;
    const { from, to } = this.#scope;
    for (const registration of capacityStampsIn(this.#knowledge, this.#scope)) {
      const key = this.#keyOf(registration.subscription);
      if (key === undefined) continue;
      const party = { subscription: registration.subscription, registration: registration.id };
      const own = this.#capacity.get(key) ?? this.#capacity.set(key, []).get(key)!;
      own.push({
        registration,
        billingAt: (hour) => attribution.billingAt(registration.id, hour),
        termsAt: (hour) => book.termsAt(level, party, hour),
      });
    }
    for (const box of this.#rows.boxes()) {
      for (const group of [...this.#groupsIn(box).values()].flat()) {
        if (!groupNeedsTimeOrder(group)) continue;
        const segments = [...group.subscriptions].flatMap((so) => attribution.segmentsOf(so, from, to));
        const meters = [...new Set(group.keys.map(({ meter }) => meter))];
        const totals = await usage.segmentTotals(this.#scope, meters, segments, "hour");
        this.#hourly.set(groupName(group), orderedUsage(group, totals, this.#knowledge));
      }
    }
  }

  /** In their order. */
  payers(): readonly RatedPayer[] {
    return [...this.#payers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, payer]) => payer);
  }

  capacityOf(payer: string): readonly CapacityFacts[] {
    return this.#capacity.get(payer) ?? [];
  }

  groupsOf(payer: string): readonly RatedGroup[] {
    const box = this.#boxes.get(payer);
    const groups = box === undefined ? [] : (this.#groupsIn(box).get(payer) ?? []);
    return groups.map((group) => ({ group, ordered: this.#hourly.get(groupName(group)) }));
  }

  #groupsIn(box: number): ReadonlyMap<string, readonly ChargeGroup[]> {
    if (this.#unpacked?.box !== box) {
      const groups = groupCharges(this.#unpack(box));
      this.#unpacked = { box, groups: Map.groupBy(groups, ({ payer }) => payer) };
    }
    return this.#unpacked.groups;
  }

  *#unpack(box: number): Generator<BilledSum> {
    for (const [payer, subscription, registration, meter, price, factor, quantity, records] of this.#rows.rows(box)) {
      yield {
        payer,
        subscription,
        registration,
        meter,
        price: this.#prices.thing(price),
        factor: this.#factors.thing(factor),
        quantity,
        records,
      };
    }
  }
}

/** Stamps that are billed by their capacity in some hour of the scope. */
function capacityStampsIn({ attribution }: Knowledge, { from, to }: UsageScope): readonly Registration[] {
  return attribution.registrations().filter(({ id }) => {
    const hours = [from, ...attribution.billingChanges(id, from, to)];
    return hours.some((hour) => attribution.billingAt(id, hour).billingModel === "Capacity");
  });
}
