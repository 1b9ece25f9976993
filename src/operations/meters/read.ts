import type { ControlStores } from "../../domain/controlStore.ts";
import { Meters } from "../../domain/usage/meters.ts";

/** @param knownUntilMs changes recorded later are left out */
export const loadMeters = async ({ meters }: Pick<ControlStores, "meters">, knownUntilMs: number): Promise<Meters> =>
  new Meters(await meters.changes(), knownUntilMs);
