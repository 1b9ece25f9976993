import { Fault } from "../faults/fault.ts";
import type { Principal } from "./caller.ts";

/**
 * Whether a token may be used with a subscription: ours with every one, others only with subscriptions of their own
 * directory, as far as that is known (contract/registration.md §7.2).
 * @param tenant directory of the subscription
 */
export const directoryMatches = (principal: Principal, tenant: string | null | undefined): boolean =>
  principal.issuer === null || tenant === undefined || tenant === null || principal.tenant === tenant.toLowerCase();

/** @throws Fault InvalidAuthenticationTokenTenant */
export function mustMatchDirectory(principal: Principal, tenant: string | null | undefined): void {
  if (directoryMatches(principal, tenant)) return;
  throw wrongDirectory(principal.tenant, tenant ?? "");
}

export const wrongDirectory = (given: string | undefined, expected: string): Fault =>
  new Fault(
    "InvalidAuthenticationTokenTenant",
    { given: given ?? "unknown", expected },
    { info: { tenant: expected } },
  );
