import { add, type Decimal, decimal, formatFixed, ZERO } from "../../lib/decimal.ts";

export interface Sum<Key> {
  readonly key: Key;
  readonly label: string;
  readonly amount: string;
  readonly lines: number;
}

/** What lines come to, by something that they share, in the order in which it came; of very many lines at once few are held. */
export class Sums<Key = string> {
  readonly #sums = new Map<Key, { readonly label: string; amount: Decimal; decimals: number; lines: number }>();

  add(key: Key, label: string, amount: string): void {
    const sum = this.#sums.get(key) ?? { label, amount: ZERO, decimals: 0, lines: 0 };
    sum.amount = add(sum.amount, decimal(amount));
    sum.decimals = Math.max(sum.decimals, amount.split(".")[1]?.length ?? 0);
    sum.lines += 1;
    this.#sums.set(key, sum);
  }

  get all(): readonly Sum<Key>[] {
    return [...this.#sums].map(([key, { label, amount, decimals, lines }]) => {
      return { key, label, amount: formatFixed(amount, decimals), lines };
    });
  }
}
