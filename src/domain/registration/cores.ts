import type { TokenFacts } from "./registration.ts";

/**
 * The physical cores of a stamp: those of all hosts on its token's hardware list (contract/registration.md §4.2). Null
 * where the list is missing, empty, or does not tell each host's.
 */
export function coresOf({ hardwareInfo }: TokenFacts): number | null {
  if (!Array.isArray(hardwareInfo) || hardwareInfo.length === 0) return null;
  let cores = 0;
  for (const host of hardwareInfo as readonly unknown[]) {
    const own = (host as { readonly numCores?: unknown } | null)?.numCores;
    if (typeof own !== "number" || !Number.isSafeInteger(own) || own < 1) return null;
    cores += own;
  }
  return cores;
}
