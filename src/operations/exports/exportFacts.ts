import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import { Fault } from "../../domain/faults/fault.ts";
import type { FocusNames } from "../../domain/focus/row.ts";
import type { MeterId, SubscriptionId } from "../../domain/ids.ts";
import type { DocumentHead, IssuedHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { type FocusFacts, METERS } from "../../domain/usage/meterCatalogue.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";

/**
 * What a partner's payers were billed in a period, document by document.
 * @throws Fault PeriodNotClosed when nothing was
 */
export async function headsIssuedIn(
  { control }: Context,
  period: Period,
  partner: string,
): Promise<readonly DocumentHead[]> {
  const heads = await control.documents.list({ issuedIn: period.name, partner });
  if (heads.length === 0) throw new Fault("PeriodNotClosed", { period: period.name, partner });
  return heads;
}

/**
 * The same in pieces of a few hundred documents, however many there are.
 * @throws Fault PeriodNotClosed when nothing was
 */
export async function piecesIssuedIn(
  { control }: Context,
  period: Period,
  partner: string,
): Promise<AsyncIterable<readonly IssuedHead[]>> {
  const pieces = control.documents.issued({ issuedIn: period.name, partner })[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) throw new Fault("PeriodNotClosed", { period: period.name, partner });
  return (async function* () {
    for (let piece: IteratorResult<readonly IssuedHead[]> = first; piece.done !== true; piece = await pieces.next()) {
      yield piece.value;
    }
  })();
}

/** So many payers are looked up at once. */
const DOCUMENTS_AT_ONCE_MAX = 500;

/** Documents in pieces of which the payers are looked up at once. */
export function* inPieces<Head>(heads: readonly Head[]): Generator<readonly Head[]> {
  for (let at = 0; at < heads.length; at += DOCUMENTS_AT_ONCE_MAX) yield heads.slice(at, at + DOCUMENTS_AT_ONCE_MAX);
}

/** What the catalogue says today of those who pay; of customers alone, by subscription. */
export async function entriesOfPayers(
  { catalogue }: Pick<Context["control"], "catalogue">,
  payers: readonly Pick<DocumentHead, "level" | "payer">[],
): Promise<ReadonlyMap<string, CatalogueSubscription>> {
  const customers = payers.flatMap(({ level, payer }) => (level === "customer" ? [payer as SubscriptionId] : []));
  const known = await catalogue.findMany(customers);
  return new Map(known.map((entry) => [entry.subscription, entry]));
}

/** Names that documents do not have, as what another thread can be told. */
export interface ToldNames {
  readonly stamps: ReadonlyMap<number, string>;
  /** Of meters that operators added. */
  readonly meters: ReadonlyMap<MeterId, FocusFacts>;
}

/** Those names as they are now. */
export async function loadExportFacts({ control, clock }: Pick<Context, "control" | "clock">): Promise<ToldNames> {
  const meters = await loadMeters(control, clock.now());
  const registrations = await control.registrations.list({ withDeleted: true });
  return {
    stamps: new Map(registrations.map(({ id, name }) => [id, name])),
    meters: new Map(
      meters.touched().flatMap((meter) => {
        const facts = meters.factsOf(meter);
        return facts === undefined ? [] : [[meter, facts.focus] as const];
      }),
    ),
  };
}

export const focusNames = ({ stamps, meters }: ToldNames): FocusNames => ({
  stampName: (registration) => stamps.get(registration) ?? String(registration),
  focusOf: (meter) => METERS.get(meter)?.focus ?? meters.get(meter),
});
