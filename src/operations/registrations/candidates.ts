import { distance } from "fastest-levenshtein";
import type { ControlStores } from "../../domain/controlStore.ts";
import { type RegistrationScope, registrationResourceId, scopeKey } from "../../domain/registration/registration.ts";

export interface RegistrationCandidate {
  readonly id: string;
  readonly cloudId: string;
  readonly because: "cloud id" | "similar name";
}

const CANDIDATES_MAX = 5;

/**
 * The registrations that somebody may have meant: the one whose cloud id was given as a name, then the others, nearest
 * first.
 * @param maySee whether the caller may read the registration of a resource id: of others nothing is told
 */
export async function registrationCandidates(
  { registrations }: ControlStores,
  wanted: RegistrationScope,
  maySee: (resourceId: string) => boolean,
): Promise<readonly RegistrationCandidate[]> {
  const key = scopeKey(wanted);
  const cloudId = wanted.name.toLowerCase();
  const visible = (await registrations.list())
    .map((registration) => ({
      id: registrationResourceId(registration),
      cloudId: registration.cloudId,
      because: registration.cloudId.toLowerCase() === cloudId ? ("cloud id" as const) : ("similar name" as const),
      edits: registration.cloudId.toLowerCase() === cloudId ? -1 : distance(scopeKey(registration), key),
    }))
    .filter(({ id }) => maySee(id));
  visible.sort((a, b) => a.edits - b.edits || (a.id < b.id ? -1 : 1));
  return visible.slice(0, CANDIDATES_MAX).map(({ id, cloudId: cloud, because }) => ({ id, cloudId: cloud, because }));
}
