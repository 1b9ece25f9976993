import assert from "node:assert/strict";
import type { ControlStores } from "../../domain/controlStore.ts";
import type { FocusRow } from "../../domain/focus/columns.ts";
import { billedOf, type FocusNames, focusRows } from "../../domain/focus/row.ts";
import type { BillingPeriods } from "../../domain/statement/billingPeriods.ts";
import type { IssuedHead, LineStretch } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { add, compare, type Decimal, decimal, ZERO } from "../../lib/decimal.ts";
import { rememberLast } from "../../lib/remember.ts";
import { entriesOfPayers, inPieces } from "./exportFacts.ts";

/** What rows are read from. */
export interface FocusSource {
  readonly control: Pick<ControlStores, "documents" | "catalogue">;
  readonly periods: BillingPeriods;
}

/** Documents whose rows are wanted: all of their lines, or a stretch of a document that is alone. */
export interface SomeDocuments {
  readonly heads: readonly IssuedHead[];
  readonly stretch?: LineStretch;
}

/** So many lines take a few hundredths of a second, in which nobody else is served. */
const LINES_WITHOUT_PAUSE = 4_000;

/** The rows of documents in pieces, one document after the other; no more is held than a few thousand lines. */
export async function* focusPieces(
  { control, periods }: FocusSource,
  names: FocusNames,
  { heads, stretch }: SomeDocuments,
): AsyncGenerator<{ readonly number: string; readonly rows: readonly FocusRow[] }> {
  const rowsOf = focusRows(names);
  const named = (name: string): Period => periods.named(name);
  const [issuedIn, of] = [rememberLast(named), rememberLast(named)];
  let since = 0;
  for (const some of inPieces(heads)) {
    const entries = await entriesOfPayers(control, some);
    const rowOf = new Map(
      some.map((head) => {
        const { level, payer, period } = head;
        const payerName = level === "customer" ? entries.get(payer)?.displayName || undefined : payer;
        const own = { billingPeriod: issuedIn(head.issuedIn), chargePeriod: of(period), payerName };
        return [head.number, rowsOf(head, own)];
      }),
    );
    for await (const { number, lines } of control.documents.shared(some, stretch)) {
      yield { number, rows: lines.map(rowOf.get(number)!) };
      since += lines.length;
      if (since < LINES_WITHOUT_PAUSE) continue;
      since = 0;
      await new Promise((resolve) => void setImmediate(resolve));
    }
  }
}

/** What rows of each document come to, until it is known to be what the document says. */
export class BilledSums {
  readonly #sums = new Map<string, Decimal>();

  addRows(number: string, rows: readonly FocusRow[]): void {
    this.add(number, billedOf(rows));
  }

  add(number: string, billed: Decimal): void {
    this.#sums.set(number, add(this.#sums.get(number) ?? ZERO, billed));
  }

  /** By the numbers of their documents. */
  entries(): readonly (readonly [number: string, billed: Decimal])[] {
    return [...this.#sums];
  }

  /** Whoever pays by an export must pay what the document says. */
  check({ number, total }: Pick<IssuedHead, "number" | "total">): void {
    const billed = this.#sums.get(number) ?? ZERO;
    assert(compare(billed, decimal(total)) === 0, `rows of ${number} do not come to its total`);
    this.#sums.delete(number);
  }
}
