import { distance } from "fastest-levenshtein";

/** The candidate that is the fewest single-character edits away, whatever the case; the first one of several. */
export function nearestText(text: string, candidates: readonly [string, ...string[]]): string {
  const wanted = text.toLowerCase();
  let [nearest] = candidates;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}
