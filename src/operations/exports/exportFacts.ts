import type { MeterId } from "../../domain/ids.ts";
import type { FocusFacts } from "../../domain/usage/meterCatalogue.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";

/** Names that documents do not have, as they are now. */
export interface ExportFacts {
  readonly stampName: (registration: number) => string;
  readonly focusOf: (meter: MeterId) => FocusFacts | undefined;
}

export async function loadExportFacts({ control, clock }: Context): Promise<ExportFacts> {
  const meters = await loadMeters(control, clock.now());
  const registrations = await control.registrations.list({ withDeleted: true });
  const stamps = new Map(registrations.map(({ id, name }) => [id as number, name]));
  return {
    stampName: (registration) => stamps.get(registration) ?? String(registration),
    focusOf: (meter) => meters.factsOf(meter)?.focus,
  };
}
