import type { ControlStores } from "../../domain/controlStore.ts";
import type { Closing, SetAside } from "../../domain/statement/document.ts";
import type { RatedPayer } from "../statements/ratedLevel.ts";

export const payerKey = ({ level, payer }: { readonly level: string; readonly payer: string }): string =>
  `${level} ${payer}`;

/** Payers of a rated period by their keys. */
export const payersByKey = (payers: readonly RatedPayer[]): ReadonlyMap<string, RatedPayer> =>
  new Map(payers.map((payer) => [payerKey({ level: payer.level, payer: payer.parties.payer }), payer]));

/** A partner's payers that are still to be closed after its closings in a period: what the newest close set aside. */
export const pendingOf = (closings: readonly Closing[]): readonly SetAside[] =>
  closings.findLast(({ kind }) => kind === "close")?.setAside ?? [];

/**
 * Which payers of a period can still get a statement: those without a document, unless their partner is closed and they
 * were not set aside then. What comes up for those is told by corrections.
 */
export async function openPayers(
  { documents }: Pick<ControlStores, "documents">,
  period: string,
): Promise<(payer: Pick<RatedPayer, "level" | "parties">) => boolean> {
  const closed = new Set((await documents.closedPayers(period)).map(payerKey));
  const closings = Map.groupBy(await documents.closings({ period }), ({ partner }) => partner);
  const pending = new Map([...closings].map(([partner, own]) => [partner, new Set(pendingOf(own).map(payerKey))]));
  return ({ level, parties }) => {
    const key = payerKey({ level, payer: parties.payer });
    return !closed.has(key) && (pending.get(parties.partner)?.has(key) ?? true);
  };
}
