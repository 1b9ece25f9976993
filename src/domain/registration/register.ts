import type { Registration } from "./registration.ts";
import type { RegistrationToken } from "./token.ts";

export type RegisterOutcome = "CloudIdUpdateNotAllowed" | "CloudIdAlreadyRegistered" | "created" | "updated";

/**
 * What a PUT of a registration does (contract/registration.md §5.1), in order of precedence.
 * @param existing the registration of this scope
 * @param sameCloud the registration that holds the token's cloud id, whatever its scope
 */
export function registerOutcome(
  token: RegistrationToken,
  existing: Registration | undefined,
  sameCloud: Registration | undefined,
): RegisterOutcome {
  if (existing !== undefined && existing.cloudId.toLowerCase() !== token.cloudId.toLowerCase())
    return "CloudIdUpdateNotAllowed";
  if (sameCloud !== undefined && sameCloud.id !== existing?.id) return "CloudIdAlreadyRegistered";
  return existing === undefined ? "created" : "updated";
}
