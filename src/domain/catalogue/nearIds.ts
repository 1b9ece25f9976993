import { distance } from "fastest-levenshtein";

/** How far a typing mistake may lead away: edits of one character each. */
export const EDITS_MAX = 2;

/** A GUID with its hyphens. */
const ID_CHARS = 36;

/**
 * Texts one of which stands unchanged in every id that is at most two edits away: of three parts of a text, two edits
 * leave one alone. So an engine can look for the parts, and only what holds one is compared. None when no id can be that
 * near.
 */
export function survivingPieces(given: string): readonly string[] {
  if (Math.abs(given.length - ID_CHARS) > EDITS_MAX) return [];
  const lower = given.toLowerCase();
  const third = Math.floor(lower.length / (EDITS_MAX + 1));
  const pieces = [lower.slice(0, third), lower.slice(third, 2 * third), lower.slice(2 * third)];
  // What no id can hold cannot have survived.
  return pieces.filter((piece) => /^[0-9a-f-]+$/.test(piece));
}

/** Those at most two edits away from what was given, and not it itself; nearest first, then in their order. */
export function nearest<Entry extends { readonly subscription: string }>(
  given: string,
  entries: readonly Entry[],
  countMax: number,
): readonly Entry[] {
  const lower = given.toLowerCase();
  return entries
    .map((entry) => ({ entry, edits: distance(lower, entry.subscription) }))
    .filter(({ edits }) => edits > 0 && edits <= EDITS_MAX)
    .sort((a, b) => a.edits - b.edits || (a.entry.subscription < b.entry.subscription ? -1 : 1))
    .slice(0, countMax)
    .map(({ entry }) => entry);
}
