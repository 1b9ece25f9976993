import type { ControlStores } from "../../domain/controlStore.ts";
import { isKnownBy, type KnowledgeMark } from "../../domain/statement/bounds.ts";
import { Meters } from "../../domain/usage/meters.ts";

/**
 * @param knownUntilMs changes recorded later are left out
 * @param mark and those after these
 */
export async function loadMeters(
  { meters }: Pick<ControlStores, "meters">,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Meters> {
  const changes = await meters.changes();
  const known = {
    meters: changes.meters.filter(({ id }) => isKnownBy(mark, "meters", id)),
    mappings: changes.mappings.filter(({ id }) => isKnownBy(mark, "meterMappings", id)),
  };
  return new Meters(known, knownUntilMs);
}
