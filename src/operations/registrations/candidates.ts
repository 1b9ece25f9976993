import { distance } from "fastest-levenshtein";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
  scopeKey,
} from "../../domain/registration/registration.ts";

export interface RegistrationCandidate {
  readonly id: string;
  readonly cloudId: string;
  readonly because: "cloud id" | "similar name";
}

const CANDIDATES_MAX = 5;

/**
 * The registrations that somebody may have meant: the one whose cloud id was given as a name, then the others, nearest
 * first.
 * @param wanted where it was looked for, or only its name
 * @param visible what the caller may read: of other registrations nothing is told
 */
export function registrationCandidates(
  visible: readonly Registration[],
  wanted: RegistrationScope | string,
): readonly RegistrationCandidate[] {
  const keyOf = typeof wanted === "string" ? ({ name }: RegistrationScope) => name.toLowerCase() : scopeKey;
  const key = typeof wanted === "string" ? wanted.toLowerCase() : scopeKey(wanted);
  const cloudId = (typeof wanted === "string" ? wanted : wanted.name).toLowerCase();
  const ranked = visible.map((registration) => ({
    id: registrationResourceId(registration),
    cloudId: registration.cloudId,
    because: registration.cloudId.toLowerCase() === cloudId ? ("cloud id" as const) : ("similar name" as const),
    edits: registration.cloudId.toLowerCase() === cloudId ? -1 : distance(keyOf(registration), key),
  }));
  ranked.sort((a, b) => a.edits - b.edits || (a.id < b.id ? -1 : 1));
  return ranked.slice(0, CANDIDATES_MAX).map(({ id, cloudId: cloud, because }) => ({ id, cloudId: cloud, because }));
}
