import type { Hour, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
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
import { type Classified, classifier } from "../../domain/statement/classify.ts";
import { type Parties, partiesOf, type PayerFacts } from "../../domain/statement/level.ts";
import type { UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import { PackedRows } from "../../lib/packedRows.ts";
import type { Context } from "../context.ts";
import { BilledThings, SingleKeys } from "./billedThings.ts";
import type { Knowledge } from "./classified.ts";

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

const boxOf = (place: number): number => Math.floor(place / PAYERS_IN_BOX);

/** Texts of many rows are told by numbers: of the payer, whose usage it is, and what is billed at which price. */
type BilledRow = readonly [
  payer: number,
  subscription: number,
  registration: RegistrationId,
  billed: number,
  quantity: string,
  records: number,
];

/** Names a group among those of a level. */
const groupName = ({ payer, commerceMeter, sheet }: Pick<ChargeGroup, "payer" | "commerceMeter" | "sheet">): string =>
  `${payer}\n${commerceMeter}\n${sheet}`;

/** A payer with its place in the order of all who could pay. */
interface PlacedPayer {
  readonly place: number;
  readonly payer: RatedPayer & { readonly subscriptions: SubscriptionId[] };
}

interface PlacedSubscription {
  readonly number: number;
  readonly payer: PlacedPayer;
}

/**
 * Everything about a period at one level. Sums are put in one by one and kept packed, in boxes of some payers; whoever takes
 * payers in their order unpacks each box once.
 */
export class RatedLevel {
  readonly #knowledge: Knowledge;
  readonly #classify: ReturnType<typeof classifier>;
  readonly #scope: UsageScope;
  readonly #facts: ReadonlyMap<SubscriptionId, PayerFacts>;
  /** Everybody who could pay, in order. */
  readonly #names: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #rows = new PackedRows<BilledRow>();
  readonly #billed = new BilledThings();
  readonly #single = new SingleKeys();
  readonly #payers = new Map<string, PlacedPayer>();
  /** Whose usage was put in, with who pays for it; undefined where the chain has no such level. */
  readonly #subscriptions = new Map<SubscriptionId, PlacedSubscription | undefined>();
  readonly #subscriptionNames: SubscriptionId[] = [];
  readonly #capacity = new Map<string, CapacityFacts[]>();
  readonly #hourly = new Map<string, readonly HourlyQuantity[]>();
  #unpacked: { readonly box: number; readonly groups: ReadonlyMap<string, readonly ChargeGroup[]> } | undefined;

  /** @param facts what the catalogue knew of everybody whose usage it may be */
  constructor(knowledge: Knowledge, scope: UsageScope, facts: ReadonlyMap<SubscriptionId, PayerFacts>) {
    this.#knowledge = knowledge;
    this.#classify = classifier(knowledge);
    this.#scope = scope;
    this.#facts = facts;
    const possible = [...knowledge.attribution.payers()].flatMap((so) => this.#partiesOf(so)?.payer ?? []);
    this.#names = [...new Set(possible)].sort();
    this.#places = new Map(this.#names.map((payer, i) => [payer, i]));
  }

  #partiesOf(subscription: SubscriptionId): Parties | undefined {
    const { level } = this.#knowledge;
    const own = this.#facts.get(subscription);
    if (own !== undefined) return partiesOf(level, subscription, own.entry);
    return level === "customer" ? { payer: subscription, issuer: NO_PARTNER, partner: NO_PARTNER } : undefined;
  }

  #placed(subscription: SubscriptionId): PlacedSubscription | undefined {
    const known = this.#subscriptions.get(subscription);
    if (known !== undefined || this.#subscriptions.has(subscription)) return known;
    const parties = this.#partiesOf(subscription);
    const placed = parties && { number: this.#subscriptionNames.length, payer: this.#payerOf(subscription, parties) };
    if (placed !== undefined) this.#subscriptionNames.push(subscription);
    this.#subscriptions.set(subscription, placed);
    return placed;
  }

  #payerOf(subscription: SubscriptionId, parties: Parties): PlacedPayer {
    const known = this.#payers.get(parties.payer);
    if (known !== undefined) {
      known.payer.subscriptions.push(subscription);
      return known;
    }
    const { level } = this.#knowledge;
    const payer = { level, subscriptions: [subscription], facts: this.#facts.get(subscription), parties };
    const placed = { place: this.#places.get(parties.payer)!, payer };
    this.#payers.set(parties.payer, placed);
    return placed;
  }

  /** @param own what becomes of it for customers; for others it is classified anew */
  add(total: UsageTotal, from: Hour, own: Classified): void {
    const { level } = this.#knowledge;
    const so = level === "customer" ? own : this.#classify(total, from);
    if (so.kind !== "billed") return;
    const placed = this.#placed(so.payer);
    if (placed === undefined) return;
    const { registration, quantity, records } = total;
    const { place } = placed.payer;
    const billed = this.#billed.numberOf({ price: so.price, meter: total.meter, factor: so.factor });
    this.#single.add(place, registration, so.price.terms);
    this.#rows.add(boxOf(place), [place, placed.number, registration, billed, quantity, records]);
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
      const key = this.#placed(registration.subscription)?.payer.payer.parties.payer;
      if (key === undefined) continue;
      const party = { subscription: registration.subscription, registration: registration.id };
      const own = this.#capacity.get(key) ?? this.#capacity.set(key, []).get(key)!;
      own.push({
        registration,
        billingAt: (hour) => attribution.billingAt(registration.id, hour),
        termsAt: (hour) => book.termsAt(level, party, hour),
      });
    }
    const mayNeedOrder = ([place, , , billed]: BilledRow): boolean =>
      !this.#single.has(place) || this.#billed.isShared(billed);
    if (!this.#billed.anyShared && this.#single.all) return;
    for (const box of this.#rows.boxes()) {
      for (const group of groupCharges(this.#unpack(box, mayNeedOrder))) {
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
    return [...this.#payers.values()].sort((a, b) => a.place - b.place).map(({ payer }) => payer);
  }

  /** Everybody for whose usage a payer would pay. */
  subscriptionsOf(payer: string): readonly SubscriptionId[] {
    const { level, attribution } = this.#knowledge;
    if (level === "customer") return [payer as SubscriptionId];
    return [...attribution.payers()].filter((so) => this.#partiesOf(so)?.payer === payer);
  }

  capacityOf(payer: string): readonly CapacityFacts[] {
    return this.#capacity.get(payer) ?? [];
  }

  groupsOf(payer: string): readonly RatedGroup[] {
    const place = this.#places.get(payer);
    const groups = place === undefined ? [] : (this.#groupsIn(boxOf(place)).get(payer) ?? []);
    return groups.map((group) => ({
      group,
      ordered: this.#hourly.size === 0 ? undefined : this.#hourly.get(groupName(group)),
    }));
  }

  #groupsIn(box: number): ReadonlyMap<string, readonly ChargeGroup[]> {
    if (this.#unpacked?.box !== box) {
      const groups = groupCharges(this.#unpack(box));
      this.#unpacked = { box, groups: Map.groupBy(groups, ({ payer }) => payer) };
    }
    return this.#unpacked.groups;
  }

  *#unpack(box: number, isWanted: (row: BilledRow) => boolean = () => true): Generator<BilledSum> {
    for (const row of this.#rows.rows(box)) {
      if (!isWanted(row)) continue;
      const [payer, subscription, registration, billed, quantity, records] = row;
      const { price, meter, factor } = this.#billed.thing(billed);
      yield {
        payer: this.#names[payer]!,
        subscription: this.#subscriptionNames[subscription]!,
        registration,
        meter,
        price,
        factor,
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
