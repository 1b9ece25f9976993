import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import { Fault } from "../../domain/faults/fault.ts";
import type { MeterId, SubscriptionId } from "../../domain/ids.ts";
import type { DocumentHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { FocusFacts } from "../../domain/usage/meterCatalogue.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";

/** Names that documents do not have, as they are now. */
export interface ExportFacts {
  readonly stampName: (registration: number) => string;
  readonly focusOf: (meter: MeterId) => FocusFacts | undefined;
}

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

/** What the catalogue says today of whoever pays; undefined of resellers and providers too. */
export const entryOfPayer = async (
  { catalogue }: Context["control"],
  { level, payer }: Pick<DocumentHead, "level" | "payer">,
): Promise<CatalogueSubscription | undefined> =>
  level === "customer" ? await catalogue.find(payer as SubscriptionId) : undefined;

export async function loadExportFacts({ control, clock }: Context): Promise<ExportFacts> {
  const meters = await loadMeters(control, clock.now());
  const registrations = await control.registrations.list({ withDeleted: true });
  const stamps = new Map(registrations.map(({ id, name }) => [id as number, name]));
  return {
    stampName: (registration) => stamps.get(registration) ?? String(registration),
    focusOf: (meter) => meters.factsOf(meter)?.focus,
  };
}
