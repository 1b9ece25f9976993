import { add, type Decimal, decimal, formatDecimal, formatFixed, subtract, ZERO } from "../../lib/decimal.ts";
import type { Document, LinesByKey } from "./document.ts";
import { lineKeys } from "./lineKey.ts";
import type { StatementLine } from "./statement.ts";

/** Why a closed period comes out other than it did, in the order in which they are told. */
export const CAUSES = [
  "LateUsage",
  "Withdrawal",
  "Choice",
  "LocalSubscription",
  "Mapping",
  "BillingModel",
  "Meter",
  "MeterMapping",
  "Catalogue",
  "Price",
  "Tiers",
] as const;
export type CauseKind = (typeof CAUSES)[number];

/** One change since the document before, as far as it was recorded. */
export interface Cause {
  readonly kind: CauseKind;
  /** The batch or the change; null where many are told as one. */
  readonly id: number | null;
  readonly recordedAtMs: number | null;
  readonly recordedBy: string | null;
  readonly reason: string | null;
  /** How many changes of this kind are told by this. */
  readonly changes: number;
}

/** A line that comes out other than it was told before. */
export interface CorrectionLine {
  /** Counts from 1. */
  readonly line: number;
  /** What the line is for (`lineKeys`). */
  readonly key: string;
  /** Null where there was no such line. */
  readonly old: StatementLine | null;
  /** Null where there is none any more. */
  readonly new: StatementLine | null;
  readonly quantityDifference: string;
  readonly amountDifference: string;
  readonly causes: readonly CauseKind[];
}

/** What makes two lines say the same; the rest of a line is about how it came to be. */
const TOLD = [
  "quantity",
  "pricedQuantity",
  "tierFrom",
  "tierTo",
  "listPrice",
  "unitPrice",
  "effectiveUnitPrice",
  "priceUnit",
  "hoursPerMonth",
  "amount",
] as const satisfies readonly (keyof StatementLine)[];

const sameLine = (a: StatementLine, b: StatementLine): boolean => TOLD.every((member) => a[member] === b[member]);

/** Lines are numbered anew in each document. */
const byKey = (lines: readonly StatementLine[]): Map<string, StatementLine> => lineKeys(lines);

/** The lines that count after a chain of documents, in the order of issue: the statement's, as each correction left them. */
export function standingLines(chain: readonly Document[]): LinesByKey {
  const standing = new Map<string, StatementLine>();
  for (const document of chain) {
    if (document.kind === "statement") {
      for (const [key, line] of byKey(document.lines)) standing.set(key, line);
      continue;
    }
    for (const line of document.lines) {
      if (line.new === null) standing.delete(line.key);
      else standing.set(line.key, line.new);
    }
  }
  return standing;
}

const decimalsOf = (amount: string | undefined): number => (amount?.split(".")[1] ?? "").length;
const valueOf = (text: string | undefined): Decimal => (text === undefined ? ZERO : decimal(text));

/** What has to be said so that the lines that count are those of a rating from scratch; empty where nothing has. */
export function differences(
  standing: LinesByKey,
  scratch: readonly StatementLine[],
): readonly Omit<CorrectionLine, "causes">[] {
  const now = byKey(scratch);
  const lines: Omit<CorrectionLine, "causes">[] = [];
  for (const key of [...new Set([...standing.keys(), ...now.keys()])].sort()) {
    const [before, after] = [standing.get(key), now.get(key)];
    if (before !== undefined && after !== undefined && sameLine(before, after)) continue;
    const scale = Math.max(decimalsOf(before?.amount), decimalsOf(after?.amount));
    lines.push({
      line: lines.length + 1,
      key,
      old: before ?? null,
      new: after ?? null,
      quantityDifference: formatDecimal(subtract(valueOf(after?.quantity), valueOf(before?.quantity))),
      amountDifference: formatFixed(subtract(valueOf(after?.amount), valueOf(before?.amount)), scale),
    });
  }
  return lines;
}

/** What a correction adds to what was owed; negative for a credit. */
export const correctionTotal = (lines: readonly Pick<CorrectionLine, "amountDifference">[]): string =>
  formatFixed(
    lines.reduce((so, { amountDifference }) => add(so, decimal(amountDifference)), ZERO),
    Math.max(0, ...lines.map(({ amountDifference }) => decimalsOf(amountDifference))),
  );
