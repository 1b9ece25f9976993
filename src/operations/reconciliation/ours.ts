import { Fault } from "../../domain/faults/fault.ts";
import { formatMeter, type MeterId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { Side } from "../../domain/reconciliation/side.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import { standingLines } from "../../domain/statement/correction.ts";
import type { Closing, Document } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { StatementLine } from "../../domain/statement/statement.ts";
import { add, type Decimal, decimal, type Rounding, ZERO } from "../../lib/decimal.ts";
import type { Context } from "../context.ts";
import { type ComparedScope, type Grain, meterKey, type Names, type Stamps } from "./scope.ts";

/** What was told to one payer for a period, as it stands. */
interface Told {
  readonly payer: string;
  readonly currency: string;
  readonly lines: readonly StatementLine[];
  /** The lines as they stood before each correction, oldest first. */
  readonly earlier: readonly (readonly StatementLine[])[];
  /** What was known when the statement was made, and when the last correction was. */
  readonly first: Bounds;
  readonly last: Bounds;
}

type Rounded = { readonly mode: Rounding; readonly scale: number };

/** Our side of a comparison, and what has to be known to find causes. */
export interface Ours {
  readonly side: Side;
  /** Bounds of the documents of a payer. */
  readonly boundsOf: ReadonlyMap<string, Pick<Told, "first" | "last">>;
  readonly names: Names;
}

/**
 * What a period's statements say: of payers with a closed statement the lines that stand after its corrections, of others
 * their draft.
 * @throws Fault StatementRunNotFound where there is neither
 */
async function* toldLines(context: Context, period: Period, scope: ComparedScope): AsyncGenerator<Told> {
  const { documents, statements } = context.control;
  const { level, partner, payer } = scope;
  const isAsked = (so: { readonly level: string; readonly payer: string; readonly partner: string }): boolean =>
    so.level === level &&
    (payer === undefined || so.payer === payer) &&
    (partner === undefined || so.partner === partner);
  const run = await statements.findRun(period.name);
  const closings = await documents.closings({ period: period.name });
  if (run === undefined && closings.length === 0) throw new Fault("StatementRunNotFound", { period: period.name });
  const byId = new Map<number, Closing>(closings.map((closing) => [closing.id, closing]));
  const closed = new Set((await documents.list({ period: period.name })).filter(isAsked).map((head) => head.payer));
  for (const own of closed) {
    const chain = await documents.chain({ period: period.name, level, payer: own });
    yield closedLines(own, chain, byId);
  }
  if (run === undefined) return;
  for (const summary of await statements.list(period.name)) {
    if (summary.state !== "draft" || !isAsked(summary) || closed.has(summary.payer)) continue;
    const { lines, currency } = (await statements.find(summary.number))!;
    yield { payer: summary.payer, currency, lines, earlier: [], first: run, last: run };
  }
}

function closedLines(payer: string, chain: readonly Document[], closings: ReadonlyMap<number, Closing>): Told {
  const [first, last] = [chain[0]!, chain.at(-1)!];
  return {
    payer,
    currency: last.currency,
    lines: [...standingLines(chain).values()],
    earlier: chain.slice(1).map((_, i) => [...standingLines(chain.slice(0, i + 1)).values()]),
    first: closings.get(first.closing)!,
    last: closings.get(last.closing)!,
  };
}

/** How the lines of each version of a sheet were rounded. */
async function roundings({ control, priceSheet }: Context): Promise<(line: StatementLine) => Rounded> {
  const known = new Map<string, Rounded>([[`${priceSheet.id} ${priceSheet.version}`, priceSheet.rounding]]);
  for (const { sheet } of await control.prices.versions()) known.set(`${sheet.id} ${sheet.version}`, sheet.rounding);
  return ({ priceSheet: sheet, priceVersion }) => known.get(`${sheet} ${priceVersion}`) ?? priceSheet.rounding;
}

/**
 * Lays our statements of a period out, so that another side can be laid beside them.
 * @throws Fault StatementRunNotFound, ReconciliationTooLarge
 */
export async function ourSide(
  context: Context,
  period: Period,
  { scope, grain, stamps }: { readonly scope: ComparedScope; readonly grain: Grain; readonly stamps: Stamps },
): Promise<Ours> {
  const side = new Side();
  const boundsOf = new Map<string, Pick<Told, "first" | "last">>();
  const meters = new MeterNames();
  const roundingOf = await roundings(context);
  const placeOf = (payer: string, line: StatementLine) => ({
    payer,
    stamp: grain.hasStamps ? stamps.nameOf(line.registration) : "",
    meter: meterKey(line, grain.meter),
  });
  for await (const { payer, currency, lines, earlier, first, last } of toldLines(context, period, scope)) {
    boundsOf.set(payer, { first, last });
    for (const line of lines) {
      meters.add(line);
      const entry = side.at(placeOf(payer, line), { meterName: line.meterName, currency });
      // Of usage the days are added up from the usage itself: a line has none.
      const isByDay = grain.hasDays && line.kind === "usage";
      const quantity = quantityOf(line, grain);
      if (line.factor !== "1" && !grain.isLocal) side.isConverted = true;
      // Cores have a quantity only in the unit that is priced.
      const isCounted = line.kind === "usage" || (line.kind === "capacity" && !grain.isLocal);
      if (!isByDay && isCounted) side.addQuantity(entry, "", quantity);
      side.addPart(entry, {
        price: line.kind === "minimum" ? null : decimal(line.effectiveUnitPrice),
        quantity: line.kind === "minimum" ? ZERO : quantity,
        amount: decimal(line.amount),
        rounding: roundingOf(line),
        hoursPerMonth: line.hoursPerMonth === null ? null : decimal(line.hoursPerMonth),
        rate: line.fxRate === null ? null : decimal(line.fxRate),
        follows: "exactly",
      });
    }
    for (const before of grain.hasDays ? [] : earlier) {
      const sums = new Map<string, Decimal>();
      for (const line of before) {
        const { payer: _, ...place } = placeOf(payer, line);
        const key = JSON.stringify(place);
        sums.set(key, add(sums.get(key) ?? ZERO, line.kind === "minimum" ? ZERO : quantityOf(line, grain)));
      }
      for (const line of lines) {
        const place = placeOf(payer, line);
        const key = JSON.stringify({ stamp: place.stamp, meter: place.meter });
        side.at(place, { meterName: line.meterName, currency }).earlier.push(sums.get(key) ?? ZERO);
      }
    }
    if (side.cells > LIMITS.reconciliationCellsMax) {
      throw new Fault("ReconciliationTooLarge", { cellsMax: LIMITS.reconciliationCellsMax });
    }
  }
  return { side, boundsOf, names: { stampOf: (text) => stamps.named(text), meterOf: (id) => meters.keyOf(id, grain) } };
}

const quantityOf = (line: StatementLine, { isLocal }: Grain): Decimal =>
  decimal(isLocal ? line.quantity : line.pricedQuantity);

/** Which meters our lines have, and what a stamp's meter is priced as: files have either id in one column. */
class MeterNames {
  readonly #commerce = new Set<MeterId>();
  /** Null where it is priced as several. */
  readonly #pricedAs = new Map<MeterId, MeterId | null>();

  add({ meter, commerceMeter }: StatementLine): void {
    this.#commerce.add(commerceMeter);
    const before = this.#pricedAs.get(meter);
    this.#pricedAs.set(meter, before === undefined || before === commerceMeter ? commerceMeter : null);
  }

  keyOf(id: MeterId, { meter }: Grain): string {
    const isPriced = meter !== "commerce" || this.#commerce.has(id);
    return formatMeter(isPriced ? id : (this.#pricedAs.get(id) ?? id));
  }
}
