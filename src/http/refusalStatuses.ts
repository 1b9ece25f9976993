import { type FaultCode, REFUSAL_CODES } from "../domain/faults/catalogue.ts";

export type RefusalStatuses = ReadonlyMap<FaultCode, number>;

/**
 * Reads `RegistrationNotFound=404,UnauthorizedCspRegistration=403`. Nobody outside has seen the original's statuses
 * (contract/registration.md §7.1), so an operator who has can set them; those of other codes are ARM's and stay.
 */
export function readRefusalStatuses(
  text: string,
): { readonly statuses: RefusalStatuses } | { readonly reason: string } {
  const statuses = new Map<FaultCode, number>();
  for (const part of text.split(",").map((so) => so.trim())) {
    if (part === "") continue;
    const [, name, digits = ""] = /^(\w+)\s*=\s*(\d{3})$/.exec(part) ?? [];
    if (name === undefined) return { reason: `'${part}' is not of the form Code=status` };
    const code = REFUSAL_CODES.find((known) => known === name);
    if (code === undefined) return { reason: `'${name}' is none of ${REFUSAL_CODES.join(", ")}` };
    if (statuses.has(code)) return { reason: `${code} is there twice` };
    const status = Number.parseInt(digits, 10);
    if (status < 400 || status > 599) return { reason: `${status} is no status of a refusal: 400 to 599 are` };
    statuses.set(code, status);
  }
  return { statuses };
}
