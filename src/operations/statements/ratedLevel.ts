import type { SubscriptionId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { Attribution } from "../../domain/statement/attribution.ts";
import type { CapacityFacts } from "../../domain/statement/capacity.ts";
import { type ChargeGroup, groupNeedsTimeOrder, orderedUsage } from "../../domain/statement/charges.ts";
import type { PayerSpool } from "../../domain/statement/payerSpool.ts";
import type { UsageScope, UsageSegment } from "../../domain/usage/store.ts";
import { formatDecimal } from "../../lib/decimal.ts";
import type { Context } from "../context.ts";
import { BilledThings } from "./billedThings.ts";
import type { CommonKnowledge, Knowledge } from "./classified.ts";
import { groupName, type KeptHours, type KeptPiece, type OwnedSegment, RatedPayer } from "./ratedPayer.ts";
import { type FactsOf, partiesAt, RatedPiece, standingOf, TermsNumbers } from "./ratedPiece.ts";

/** What is still to be asked when all usage was put in. */
export interface LevelSources {
  readonly usage: Context["usage"];
  /** What is known of who pays for some local subscriptions. */
  readonly attributionOf: (segments: readonly UsageSegment[]) => Promise<Attribution>;
  /** What the catalogue knew of some subscriptions. */
  readonly factsOf: (subscriptions: readonly SubscriptionId[]) => Promise<FactsOf>;
}

/** Everything about a period at one level, piece by piece of the stamps; kept in a spool, payer by payer. */
export class RatedLevel {
  readonly #knowledge: CommonKnowledge;
  readonly #scope: UsageScope;
  readonly #spool: PayerSpool;
  readonly #things = new BilledThings();
  readonly #terms = new TermsNumbers();
  readonly #capacity = new Map<string, CapacityFacts[]>();
  /** Payers whose hours were looked up. */
  readonly #withHours = new Set<string>();

  constructor(knowledge: CommonKnowledge, scope: UsageScope, spool: PayerSpool) {
    this.#knowledge = knowledge;
    this.#scope = scope;
    this.#spool = spool;
  }

  get level(): CommonKnowledge["level"] {
    return this.#knowledge.level;
  }

  /** @param factsOf what the catalogue knew of everybody who pays for something of these stamps */
  begin(attribution: Attribution, factsOf: FactsOf): RatedPiece {
    const knowledge: Knowledge = { ...this.#knowledge, attribution };
    return new RatedPiece({ knowledge, scope: this.#scope, factsOf, things: this.#things, terms: this.#terms });
  }

  /** Keeps what was put into a piece. */
  keep(piece: RatedPiece): void {
    this.#spool.add(piece.takeTexts());
  }

  /**
   * To be called when all is put in: looks for stamps that are billed by their capacity, and asks for the usage, hour by
   * hour, of those groups of which the order of usage decides what each stamp and meter pays.
   * @throws Fault UsageEngineUnavailable
   */
  async finish(sources: LevelSources): Promise<void> {
    await this.#addCapacity(sources);
    for (const payer of this.#things.anyShared ? this.payers() : this.#payersOfSeveral()) {
      const groups = payer.groups.map(({ group }) => group).filter(groupNeedsTimeOrder);
      if (groups.length === 0) continue;
      this.#spool.addFound(payer.parties.payer, JSON.stringify(await this.#hoursOf(payer, groups, sources)));
      this.#withHours.add(payer.parties.payer);
    }
  }

  /**
   * As long as no two things are billed as one commerce meter, each group of a payer whose usage is all of one stamp and under
   * the same terms has one key, and the order of its usage decides nothing.
   */
  *#payersOfSeveral(): Generator<RatedPayer> {
    for (const payer of this.#spool.payersOfSeveral()) yield this.payer(payer)!;
  }

  async #addCapacity({ factsOf }: LevelSources): Promise<void> {
    const { level, stamps, book } = this.#knowledge;
    const registrations = capacityStampsIn(this.#knowledge, this.#scope);
    const known = await factsOf(registrations.map(({ subscription }) => subscription));
    for (const registration of registrations) {
      const { subscription } = registration;
      const facts = known(subscription);
      const parties = partiesAt(level, subscription, facts);
      if (parties === undefined) continue;
      const { payer, issuer, partner } = parties;
      const party = { subscription, registration: registration.id };
      const own = this.#capacity.get(payer) ?? this.#capacity.set(payer, []).get(payer)!;
      own.push({
        registration,
        billingAt: (hour) => stamps.billingAt(registration.id, hour),
        termsAt: (hour) => book.termsAt(level, party, hour),
      });
      const piece: KeptPiece = {
        issuer,
        partner,
        standing: standingOf(facts),
        subscriptions: [subscription],
        billed: [0],
        segments: [],
        mappings: [],
        sums: [],
      };
      this.#spool.add([{ payer, isUsed: true, common: null, text: JSON.stringify(piece) }]);
    }
  }

  async #hoursOf(
    payer: RatedPayer,
    groups: readonly ChargeGroup[],
    { usage, attributionOf }: LevelSources,
  ): Promise<KeptHours> {
    const { segments } = payer;
    const knowledge: Knowledge = { ...this.#knowledge, attribution: await attributionOf(segments) };
    const hours: Record<string, KeptHours[string]> = {};
    for (const group of groups) {
      const isOwn = ({ subscription }: OwnedSegment): boolean => group.subscriptions.has(subscription);
      const meters = [...new Set(group.keys.map(({ meter }) => meter))];
      const totals = await usage.segmentTotals(this.#scope, meters, segments.filter(isOwn), "hour");
      hours[groupName(group)] = orderedUsage(group, totals, knowledge).map(
        ({ price, meter, factor, registration, quantity, hour }) => {
          return [this.#things.numberOf({ price, meter, factor }), registration, formatDecimal(quantity), hour];
        },
      );
    }
    return hours;
  }

  /** Everybody for whom there is something to bill, in order. */
  *payers(): Generator<RatedPayer> {
    for (const texts of this.#spool.payers()) yield this.#payerOf(texts);
  }

  /** Undefined for whom there is nothing to bill. */
  payer(name: string): RatedPayer | undefined {
    const texts = this.#spool.hasUsage(name) ? this.#spool.payer(name) : undefined;
    return texts && this.#payerOf(texts);
  }

  #payerOf(texts: NonNullable<ReturnType<PayerSpool["payer"]>>): RatedPayer {
    return new RatedPayer(texts, {
      level: this.level,
      things: this.#things,
      hoursOf: (payer) => this.#keptHours(payer),
      capacityOf: (payer) => this.#capacity.get(payer) ?? [],
    });
  }

  #keptHours(payer: string): KeptHours | undefined {
    const text = this.#withHours.has(payer) ? this.#spool.found(payer) : undefined;
    return text === undefined ? undefined : (JSON.parse(text) as KeptHours);
  }

  close(): void {
    this.#spool.close();
  }
}

/** Stamps that are billed by their capacity in some hour of the scope. */
function capacityStampsIn({ stamps }: CommonKnowledge, { from, to }: UsageScope): readonly Registration[] {
  return stamps.registrations().filter(({ id }) => {
    const hours = [from, ...stamps.billingChanges(id, from, to)];
    return hours.some((hour) => stamps.billingAt(id, hour).billingModel === "Capacity");
  });
}
