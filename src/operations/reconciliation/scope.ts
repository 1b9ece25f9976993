import { formatMeter, type MeterId } from "../../domain/ids.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import type { MeterGrain } from "../../domain/reconciliation/columns.ts";
import type { StatementLine } from "../../domain/statement/statement.ts";
import type { ControlStores } from "../../domain/controlStore.ts";

/** Whose statements are compared. */
export interface ComparedScope {
  readonly level: Level;
  /** Of all partners unless given; what the other side has of others counts as extra then. */
  readonly partner?: string;
  /** Of one payer only, on both sides. */
  readonly payer?: string;
}

/** How our side is laid out, so that it can be laid beside another. */
export interface Grain {
  readonly meter: MeterGrain;
  readonly hasStamps: boolean;
  readonly hasDays: boolean;
  /** Quantities are in the meter's own unit, not in that which is priced. */
  readonly isLocal: boolean;
}

/** What the other side's names mean here; what nobody knows stays as it is. */
export interface Names {
  stampOf(text: string): string;
  meterOf(id: MeterId): string;
}

/** Stamps by number, and by every name that a file may have for them. */
export interface Stamps {
  nameOf(registration: number): string;
  named(text: string): string;
  /** Who pays for their usage that is not mapped. */
  readonly unmappedPayers: ReadonlySet<string>;
}

export async function loadStamps({ registrations }: Pick<ControlStores, "registrations">): Promise<Stamps> {
  const all = await registrations.list({ withDeleted: true });
  const byNumber = new Map(all.map(({ id, name }) => [id as number, name]));
  const byText = new Map(
    all.flatMap(({ name, cloudId }) => [name, cloudId].map((text) => [text.toLowerCase(), name] as const)),
  );
  return {
    nameOf: (registration) => byNumber.get(registration) ?? String(registration),
    named: (text) => byText.get(text.toLowerCase()) ?? text,
    unmappedPayers: new Set(all.map(({ subscription }) => subscription as string)),
  };
}

/** What a meter is known by on both sides. */
export function meterKey(
  { meter, commerceMeter, meterName }: Pick<StatementLine, "meter" | "commerceMeter" | "meterName">,
  grain: MeterGrain,
): string {
  if (grain === "name") return meterName.toLowerCase();
  return formatMeter(grain === "commerce" ? commerceMeter : meter);
}
