import type { Hour, LocalSubscriptionId, MeterId, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import type { CapacityFacts } from "../../domain/statement/capacity.ts";
import { type BilledSum, type ChargeGroup, groupCharges, type HourlyQuantity } from "../../domain/statement/charges.ts";
import type { Parties } from "../../domain/statement/level.ts";
import type { PayerTexts } from "../../domain/statement/payerSpool.ts";
import type { UsageSegment } from "../../domain/usage/store.ts";
import { decimal } from "../../lib/decimal.ts";
import type { BilledThings } from "./billedThings.ts";

/** What the catalogue says of a payer: it was taken out of it, or never was in it. */
export type PayerStanding = "known" | "gone" | "unknown";

/** What some stamps tell of a payer, as it is kept until the payer is rated. Subscriptions are told by their place. */
export interface KeptPiece {
  readonly issuer: string;
  readonly partner: string;
  readonly standing: PayerStanding;
  readonly subscriptions: readonly SubscriptionId[];
  /** Those of whom there is something to bill. */
  readonly billed: readonly number[];
  readonly segments: readonly (readonly [number, RegistrationId, LocalSubscriptionId, from: Hour, to: Hour])[];
  /** By which mappings they pay. */
  readonly mappings: readonly (readonly [number, RegistrationId, readonly number[]])[];
  readonly sums: readonly (readonly [number, RegistrationId, billed: number, quantity: string, records: number])[];
}

/** Hourly usage of groups as it is kept: by the name of the group. */
export type KeptHours = Readonly<
  Record<string, readonly (readonly [billed: number, RegistrationId, quantity: string, Hour])[]>
>;

/** Usage that climbs tiers together; hour by hour where the order of usage decides what each stamp and meter pays. */
export interface RatedGroup {
  readonly group: ChargeGroup;
  readonly ordered: readonly HourlyQuantity[] | undefined;
}

/** Names a group among those of a payer. */
export const groupName = ({ commerceMeter, sheet }: { readonly commerceMeter: MeterId; readonly sheet: string }) =>
  `${commerceMeter}\n${sheet}`;

/** Hours of a local subscription, with whose usage of them it is. */
export type OwnedSegment = UsageSegment & { readonly subscription: SubscriptionId };

/** What is the same for all payers of a level. */
export interface RatedWith {
  readonly level: Level;
  readonly things: BilledThings;
  readonly hoursOf: (payer: string) => KeptHours | undefined;
  readonly capacityOf: (payer: string) => readonly CapacityFacts[];
}

/** A payer, and all that makes its statement. */
export class RatedPayer {
  readonly level: Level;
  readonly parties: Parties;
  readonly standing: PayerStanding;
  readonly #pieces: readonly KeptPiece[];
  readonly #with: RatedWith;
  #groups: readonly RatedGroup[] | undefined;

  constructor({ payer, texts }: PayerTexts, ratedWith: RatedWith) {
    this.#pieces = texts.map((text) => JSON.parse(text) as KeptPiece);
    this.#with = ratedWith;
    const { issuer, partner, standing } = this.#pieces.find(({ billed }) => billed.length > 0) ?? this.#pieces[0]!;
    this.level = ratedWith.level;
    this.parties = { payer, issuer, partner };
    this.standing = standing;
  }

  /** Whose usage it pays for, as far as there is something to bill: of a customer its own subscription. */
  get subscriptions(): readonly SubscriptionId[] {
    return [
      ...new Set(this.#pieces.flatMap(({ subscriptions, billed }) => billed.map((place) => subscriptions[place]!))),
    ];
  }

  /** Everything that it pays for by usage, whether or not there was any. */
  get segments(): readonly OwnedSegment[] {
    return this.#pieces.flatMap(({ subscriptions, segments }) =>
      segments.map(([place, registration, localSubscription, from, to]) => ({
        subscription: subscriptions[place]!,
        registration,
        localSubscription,
        from,
        to,
      })),
    );
  }

  get capacity(): readonly CapacityFacts[] {
    return this.#with.capacityOf(this.parties.payer);
  }

  /** The mappings by which it pays for usage of stamps, by their numbers. */
  get mappings(): ReadonlyMap<RegistrationId, readonly number[]> {
    const own = new Set(this.subscriptions);
    const mappings = new Map<RegistrationId, Set<number>>();
    for (const piece of this.#pieces) {
      for (const [place, registration, ids] of piece.mappings) {
        if (!own.has(piece.subscriptions[place]!)) continue;
        const all = mappings.get(registration) ?? mappings.set(registration, new Set()).get(registration)!;
        for (const id of ids) all.add(id);
      }
    }
    return new Map([...mappings].map(([registration, ids]) => [registration, [...ids].sort((a, b) => a - b)]));
  }

  get groups(): readonly RatedGroup[] {
    return (this.#groups ??= this.#grouped());
  }

  #grouped(): readonly RatedGroup[] {
    const hours = this.#with.hoursOf(this.parties.payer);
    return groupCharges(this.#sums()).map((group) => ({ group, ordered: this.#ordered(hours?.[groupName(group)]) }));
  }

  *#sums(): Generator<BilledSum> {
    const { payer } = this.parties;
    for (const { subscriptions, sums } of this.#pieces) {
      for (const [place, registration, billed, quantity, records] of sums) {
        const subscription = subscriptions[place]!;
        yield { payer, subscription, registration, ...this.#with.things.thing(billed), quantity, records };
      }
    }
  }

  #ordered(hours: KeptHours[string] | undefined): readonly HourlyQuantity[] | undefined {
    return hours?.map(([billed, registration, quantity, hour]) => ({
      ...this.#with.things.thing(billed),
      registration,
      quantity: decimal(quantity),
      hour,
    }));
  }
}
