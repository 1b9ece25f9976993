import type { ControlStores } from "../../domain/controlStore.ts";
import type { Closing, SetAside } from "../../domain/statement/document.ts";
import type { RatedPayer } from "../statements/ratedPayer.ts";

export const payerKey = ({ level, payer }: { readonly level: string; readonly payer: string }): string =>
  `${level} ${payer}`;

/** What tells a rated payer apart. */
export const keyOf = ({ level, parties: { payer } }: Pick<RatedPayer, "level" | "parties">): string =>
  payerKey({ level, payer });

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
  return (payer) => {
    const key = keyOf(payer);
    return !closed.has(key) && (pending.get(payer.parties.partner)?.has(key) ?? true);
  };
}
