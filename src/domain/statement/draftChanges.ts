import type { DraftSummary } from "./store.ts";
import { lineKeys } from "./lineKey.ts";
import type { StatementLine } from "./statement.ts";

/** What became of one payer's draft from one run to the next. */
export interface DraftChange {
  readonly change: "added" | "removed" | "changed";
  readonly level: string;
  readonly payer: string;
  readonly totalBefore: string | null;
  readonly totalAfter: string | null;
  readonly currency: string;
  /** Lines by what became of them; null where there is nothing to compare, or too many payers changed to look. */
  readonly lines: { readonly added: number; readonly removed: number; readonly changed: number } | null;
}

/** What is other than at the last look: counted in full, told of the first ones. */
export interface DraftChanges {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly payers: readonly DraftChange[];
}

type Draft = Pick<DraftSummary, "level" | "payer" | "total" | "currency" | "content">;

/** Whose draft it is. */
export const draftKey = ({ level, payer, currency }: Pick<Draft, "level" | "payer" | "currency">): string =>
  `${level} ${payer} ${currency}`;

/** Compares drafts with those of the run before, as they are made. */
export class DraftComparison {
  readonly #before: Map<string, Draft>;
  readonly #payersMax: number;
  readonly #counts = { added: 0, removed: 0, changed: 0 };
  readonly #payers: DraftChange[] = [];

  /** @param payersMax how many payers are told of */
  constructor(before: readonly Draft[], payersMax: number) {
    this.#before = new Map(before.map((draft) => [draftKey(draft), draft]));
    this.#payersMax = payersMax;
  }

  /** @param lines of the earlier draft and of this one; asked only where they are told of */
  add(
    after: Draft,
    lines: {
      readonly before: () => readonly StatementLine[] | undefined;
      readonly after: () => readonly StatementLine[];
    },
  ): void {
    const before = this.#before.get(draftKey(after));
    this.#before.delete(draftKey(after));
    if (before?.content === after.content) return;
    const { level, payer, currency, total: totalAfter } = after;
    const change = before === undefined ? "added" : "changed";
    this.#counts[change] += 1;
    if (this.#payers.length === this.#payersMax) return;
    const known = before === undefined ? undefined : lines.before();
    const counts = known === undefined ? null : lineChanges(known, lines.after());
    this.#payers.push({
      change,
      level,
      payer,
      totalBefore: before?.total ?? null,
      totalAfter,
      currency,
      lines: counts,
    });
  }

  /** Payers that have not come are gone. */
  finish(): DraftChanges {
    for (const { level, payer, currency, total: totalBefore } of this.#before.values()) {
      this.#counts.removed += 1;
      if (this.#payers.length === this.#payersMax) continue;
      this.#payers.push({ change: "removed", level, payer, totalBefore, totalAfter: null, currency, lines: null });
    }
    return { ...this.#counts, payers: this.#payers };
  }
}

function lineChanges(before: readonly StatementLine[], after: readonly StatementLine[]) {
  const old = lineKeys(before);
  const counts = { added: 0, removed: 0, changed: 0 };
  for (const [key, line] of lineKeys(after)) {
    const known = old.get(key);
    old.delete(key);
    if (known === undefined) counts.added += 1;
    else if (known.quantity !== line.quantity || known.amount !== line.amount) counts.changed += 1;
  }
  return { ...counts, removed: old.size };
}
