import assert from "node:assert/strict";
import type { Hour, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { SheetTerms } from "../../domain/rating/priceTerms.ts";
import type { AttributedSegment } from "../../domain/statement/attribution.ts";
import { type Classified, classifier } from "../../domain/statement/classify.ts";
import { type Parties, partiesOf, type PayerFacts } from "../../domain/statement/level.ts";
import type { SpooledText } from "../../domain/statement/payerSpool.ts";
import type { UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import type { BilledThings } from "./billedThings.ts";
import type { Knowledge } from "./classified.ts";
import type { KeptPiece, PayerStanding } from "./ratedPayer.ts";

/** For whom statements are closed whose payer no catalogue ever knew. */
export const NO_PARTNER = "-";

export type FactsOf = (subscription: SubscriptionId) => PayerFacts | undefined;

/** Undefined where the chain has no such level. */
export function partiesAt(
  level: Knowledge["level"],
  subscription: SubscriptionId,
  facts: PayerFacts | undefined,
): Parties | undefined {
  if (facts !== undefined) return partiesOf(level, subscription, facts.entry);
  return level === "customer" ? { payer: subscription, issuer: NO_PARTNER, partner: NO_PARTNER } : undefined;
}

export const standingOf = (facts: PayerFacts | undefined): PayerStanding =>
  facts === undefined ? "unknown" : facts.isGone ? "gone" : "known";

type Rows<Member> = Member extends readonly (infer Row)[] ? Row[] : never;

/** A payer's part of a piece that is being put together. */
interface OpenPiece {
  readonly parties: Parties;
  /** Of the first one of whom there is something to bill. */
  standing: PayerStanding;
  readonly subscriptions: SubscriptionId[];
  readonly billed: Set<number>;
  readonly segments: Rows<KeptPiece["segments"]>;
  readonly mappings: Rows<KeptPiece["mappings"]>;
  readonly sums: Rows<KeptPiece["sums"]>;
  /** What the sums so far have in common: stamp and terms; null before the first one. */
  common: string | null;
}

interface Placed {
  readonly piece: OpenPiece;
  readonly place: number;
  readonly standing: PayerStanding;
}

/** Numbers terms, so that a text can name them. */
export class TermsNumbers {
  readonly #numbers = new Map<SheetTerms, number>();

  of(terms: SheetTerms): number {
    return this.#numbers.get(terms) ?? this.#numbers.set(terms, this.#numbers.size).get(terms)!;
  }
}

export interface PieceOf {
  /** Of the stamps of the piece. */
  readonly knowledge: Knowledge;
  readonly scope: UsageScope;
  /** What the catalogue knew of everybody who pays for something in it. */
  readonly factsOf: FactsOf;
  readonly things: BilledThings;
  readonly terms: TermsNumbers;
}

/** What some stamps tell of all who pay for their usage at one level. Sums are put in one by one. */
export class RatedPiece {
  readonly #of: PieceOf;
  readonly #classify: ReturnType<typeof classifier>;
  readonly #pieces = new Map<string, OpenPiece>();
  readonly #placed = new Map<SubscriptionId, Placed>();

  constructor(of: PieceOf) {
    this.#of = of;
    this.#classify = classifier(of.knowledge);
    const { from, to } = of.scope;
    for (const [subscription, segments] of of.knowledge.attribution.billedSegments(from, to)) {
      this.#place(subscription, segments);
    }
  }

  #place(subscription: SubscriptionId, segments: readonly AttributedSegment[]): void {
    const facts = this.#of.factsOf(subscription);
    const parties = partiesAt(this.#of.knowledge.level, subscription, facts);
    if (parties === undefined) return;
    const standing = standingOf(facts);
    const piece = this.#pieces.get(parties.payer) ?? newPiece(parties, standing);
    this.#pieces.set(parties.payer, piece);
    const place = piece.subscriptions.push(subscription) - 1;
    this.#placed.set(subscription, { piece, place, standing });
    const mappings = new Map<RegistrationId, Set<number>>();
    for (const { registration, localSubscription, from, to, payer } of segments) {
      piece.segments.push([place, registration, localSubscription, from, to]);
      const id = payer.interval?.change.id;
      if (id === undefined) continue;
      (mappings.get(registration) ?? mappings.set(registration, new Set()).get(registration)!).add(id);
    }
    for (const [registration, ids] of mappings) piece.mappings.push([place, registration, [...ids]]);
  }

  /** @param own what becomes of it for customers; for others it is classified anew */
  add(total: UsageTotal, from: Hour, own: Classified): void {
    const { knowledge, things, terms } = this.#of;
    const so = knowledge.level === "customer" ? own : this.#classify(total, from);
    if (so.kind !== "billed") return;
    const placed = this.#placed.get(so.payer);
    // Of customers everybody has a place; the chain of others may have no such level.
    assert(placed !== undefined || knowledge.level !== "customer", `nobody knew that ${so.payer} pays`);
    if (placed === undefined) return;
    const { piece, place, standing } = placed;
    const { registration, meter, quantity, records } = total;
    const billed = things.numberOf({ price: so.price, meter, factor: so.factor });
    const common = `${registration} ${terms.of(so.price.terms)}`;
    piece.common = piece.common === null || piece.common === common ? common : "";
    if (piece.billed.size === 0) piece.standing = standing;
    piece.billed.add(place);
    piece.sums.push([place, registration, billed, quantity, records]);
  }

  /** What was put in since this was asked last: to be kept until payers are rated. */
  takeTexts(): readonly SpooledText[] {
    const texts: SpooledText[] = [];
    for (const [payer, piece] of this.#pieces) {
      const { parties, standing, subscriptions, segments, mappings, sums, common } = piece;
      const isUsed = sums.length > 0;
      if (isUsed || segments.length > 0) {
        const { issuer, partner } = parties;
        const billed = [...piece.billed];
        const kept: KeptPiece = { issuer, partner, standing, subscriptions, billed, segments, mappings, sums };
        texts.push({ payer, isUsed, common, text: JSON.stringify(kept) });
      }
      piece.common = null;
      for (const rows of [segments, mappings, sums]) rows.length = 0;
    }
    return texts;
  }
}

const newPiece = (parties: Parties, standing: PayerStanding): OpenPiece => ({
  parties,
  standing,
  subscriptions: [],
  billed: new Set(),
  segments: [],
  mappings: [],
  sums: [],
  common: null,
});
