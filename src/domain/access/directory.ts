import type { TenantId } from "../ids.ts";
import type { Principal } from "./caller.ts";

/**
 * Whether a token's directory may speak for a subscription (contract/registration.md §5, gate 5). Our own directory
 * may for every one; another one only for subscriptions that are in it, or of which nobody knows where they are.
 */
export const directoryMatches = ({ home, tenant }: Principal, subscriptionTenant: TenantId | null): boolean =>
  home || subscriptionTenant === null || tenant?.toLowerCase() === subscriptionTenant;
