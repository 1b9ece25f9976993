/**
 * Why two sides differ, in order of precedence: the first that explains a difference to the last digit names it.
 *
 * - `late`: the quantity is that of usage which one side has and the other had not yet: it came after our statement, or
 *   more than `reconciliationGraceHours` after the period, or a correction told it.
 * - `arrived-day`: the same quantity on a later day. The other side counts usage on the day on which it arrived
 *   (contract/usage.md §4), we on the day of its hour.
 * - `unmapped`: the same quantity on another payer, where one of the two pays for a stamp's usage that is not mapped; or
 *   it waits with us because nobody knows whose it is.
 * - `price`: another unit price, the price of another tier, or another currency.
 * - `rounding`: the same quantity and price; the other amount is their product as it is written with its decimals. Or the
 *   other quantity is ours as it is written with its decimals, of which there is at least one.
 * - `missing`: we have it, the other side has nothing for it.
 * - `extra`: the other side has it, we have nothing for it.
 * - `quantity`: both have it, with quantities that none of the above explains.
 * - `amount`: the other amount is no rounding of quantity and price.
 */
export const RECONCILIATION_CAUSES = [
  "late",
  "arrived-day",
  "unmapped",
  "price",
  "rounding",
  "missing",
  "extra",
  "quantity",
  "amount",
] as const;
export type ReconciliationCause = (typeof RECONCILIATION_CAUSES)[number];

export const MEASURES = ["quantity", "unitPrice", "amount", "currency"] as const;
export type Measure = (typeof MEASURES)[number];

/** What of a cause was met; each has a sentence of its own. */
export const SITUATIONS = [
  "late-theirs",
  "late-ours",
  "arrived-later",
  "arrived-from-other-period",
  "unmapped-theirs",
  "unmapped-ours",
  "waiting-ours",
  "other-price",
  "other-tier",
  "other-currency",
  "rounded",
  "rounded-quantity",
  "missing",
  "extra",
  "quantity",
  "amount",
] as const;
export type Situation = (typeof SITUATIONS)[number];

const CAUSE_OF: Readonly<Record<Situation, ReconciliationCause>> = {
  "late-theirs": "late",
  "late-ours": "late",
  "arrived-later": "arrived-day",
  "arrived-from-other-period": "arrived-day",
  "unmapped-theirs": "unmapped",
  "unmapped-ours": "unmapped",
  "waiting-ours": "unmapped",
  "other-price": "price",
  "other-tier": "price",
  "other-currency": "price",
  rounded: "rounding",
  "rounded-quantity": "rounding",
  missing: "missing",
  extra: "extra",
  quantity: "quantity",
  amount: "amount",
};

export const causeOf = (situation: Situation): ReconciliationCause => CAUSE_OF[situation];

/** One difference. */
export interface Difference {
  readonly situation: Situation;
  readonly measure: Measure;
  readonly payer: string;
  /** Empty where the other side names no stamps. */
  readonly stamp: string;
  readonly meter: string;
  readonly meterName: string;
  /** Empty where the difference is of the whole period. */
  readonly day: string;
  /** As text: exact, or several prices; null where a side has nothing. */
  readonly ours: string | null;
  readonly theirs: string | null;
  /** Theirs less ours; null where it is not a number. */
  readonly difference: string | null;
  /** The payer or the day on the other side of the difference. */
  readonly other: string;
}

const rank = ({ situation }: Difference): number => RECONCILIATION_CAUSES.indexOf(CAUSE_OF[situation]);
const place = ({ payer, stamp, meter, day }: Difference): string => `${payer}\n${stamp}\n${meter}\n${day}`;

/** By payer, stamp, meter and day; of one place in order of precedence. */
export function inOrder(differences: readonly Difference[]): readonly Difference[] {
  const placed = differences.map((difference) => ({ difference, at: place(difference) }));
  placed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : rank(a.difference) - rank(b.difference)));
  return placed.map(({ difference }) => difference);
}
