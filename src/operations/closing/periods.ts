import type { Closing, SetAside } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { partnerState, type PartnerState } from "../../domain/statement/periodState.ts";
import { hourStartMs } from "../../domain/ids.ts";
import type { Context } from "../context.ts";
import { pendingOf } from "./openPayers.ts";

/** How far a period is for one partner. */
export interface PartnerPeriod {
  readonly partner: string;
  readonly state: PartnerState;
  readonly drafts: number;
  readonly statements: number;
  readonly corrections: number;
  readonly setAside: readonly SetAside[];
  readonly closings: readonly Closing[];
}

export interface PeriodOverview {
  readonly period: Period;
  readonly ended: boolean;
  readonly partners: readonly PartnerPeriod[];
}

/** Every period with drafts or with something closed, in their order. */
export async function listPeriods(context: Context): Promise<readonly PeriodOverview[]> {
  const { statements, documents } = context.control;
  const names = new Set([...(await statements.runs()), ...(await documents.closings({})).map(({ period }) => period)]);
  const overviews: PeriodOverview[] = [];
  for (const name of [...names].sort()) overviews.push(await showPeriod(context, context.periods.named(name)));
  return overviews;
}

export async function showPeriod({ control, clock }: Context, period: Period): Promise<PeriodOverview> {
  const drafts = Map.groupBy(await control.statements.drafts(period.name), ({ partner }) => partner);
  const heads = Map.groupBy(await control.documents.list({ period: period.name }), ({ partner }) => partner);
  const closings = Map.groupBy(await control.documents.closings({ period: period.name }), ({ partner }) => partner);
  const partners = [...new Set([...drafts.keys(), ...closings.keys()])].sort();
  return {
    period,
    ended: hourStartMs(period.to) <= clock.now(),
    partners: partners.map((partner) => {
      const own = heads.get(partner) ?? [];
      const corrections = own.filter(({ kind }) => kind === "correction").length;
      const facts = {
        drafts: drafts.get(partner)?.length ?? 0,
        closings: closings.get(partner)?.length ?? 0,
        corrections,
      };
      return {
        partner,
        state: partnerState(facts),
        drafts: facts.drafts,
        statements: own.length - corrections,
        corrections,
        setAside: pendingOf(closings.get(partner) ?? []),
        closings: closings.get(partner) ?? [],
      };
    }),
  };
}
