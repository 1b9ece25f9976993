import type { MeterId, RegistrationId } from "../../domain/ids.ts";
import type { ParkedReason } from "../../domain/statement/classify.ts";
import type { UsageTotal } from "../../domain/usage/store.ts";
import { add, type Decimal, decimal, formatDecimal, ZERO } from "../../lib/decimal.ts";
import type { AtStake, NoAmountReason } from "../usage/parked.ts";

type Unbilled<Reason> = Pick<UsageTotal, "registration" | "meter" | "quantity" | "records"> & {
  readonly reason: Reason;
};

/** Adds up what is on no statement, by reason, stamp and meter. */
export class UnbilledSums<Reason extends string> {
  readonly #sums = new Map<string, Unbilled<Reason>>();

  add({ reason, registration, meter, quantity, records }: Unbilled<Reason>): void {
    const key = `${reason} ${registration} ${meter}`;
    const so = this.#sums.get(key);
    this.#sums.set(key, {
      reason,
      registration,
      meter,
      quantity: so ? formatDecimal(add(decimal(so.quantity), decimal(quantity))) : quantity,
      records: (so?.records ?? 0) + records,
    });
  }

  sums(): readonly Unbilled<Reason>[] {
    return [...this.#sums.values()];
  }
}

/** What waits of one meter on a stamp for one reason, with what it would cost. */
export interface Waiting {
  readonly reason: ParkedReason;
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly quantity: Decimal;
  readonly records: number;
  /** As far as somebody can say; undefined where nobody can. */
  readonly atStake: AtStake | undefined;
  /** False where it is in several currencies. */
  readonly isOneSum: boolean;
}

/** Adds up what waits, by reason, stamp and meter. */
export class WaitingSums {
  readonly #sums = new Map<string, Waiting>();

  add(
    { reason, registration, meter, quantity, records }: Unbilled<ParkedReason>,
    stake: AtStake | NoAmountReason,
  ): void {
    const key = `${reason} ${registration} ${meter}`;
    const so = this.#sums.get(key);
    const known = typeof stake === "string" ? undefined : stake;
    const before = so?.atStake;
    this.#sums.set(key, {
      reason,
      registration,
      meter,
      quantity: add(so?.quantity ?? ZERO, decimal(quantity)),
      records: (so?.records ?? 0) + records,
      atStake: before === undefined || known === undefined ? (before ?? known) : together(before, known),
      isOneSum:
        (so?.isOneSum ?? true) && (before === undefined || known === undefined || before.currency === known.currency),
    });
  }

  sums(): readonly Waiting[] {
    return [...this.#sums.values()];
  }
}

const together = (a: AtStake, b: AtStake): AtStake => ({
  amount: add(a.amount, b.amount),
  currency: a.currency,
  scale: Math.max(a.scale, b.scale),
});
