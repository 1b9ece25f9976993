import { registrationId, type SubscriptionId } from "../../domain/ids.ts";
import type { PricedParty } from "../../domain/rating/priceBook.ts";
import type { Context } from "../context.ts";
import { registrationsOf, tenantSegments } from "./reported.ts";

/** No registration has this number. */
const NONE = registrationId(0);

/**
 * Whom prices are asked for: a subscription with the stamp whose usage it pays for. Where it pays on several stamps, what
 * is assigned to a single one of them does not count.
 */
export async function pricedParty(
  context: Pick<Context, "control">,
  subscription: SubscriptionId,
  atMs: number,
): Promise<PricedParty> {
  const { segments } = await tenantSegments(context, subscription, atMs);
  const own = await registrationsOf(context, subscription);
  const stamps = new Set([...segments.map(({ registration }) => registration), ...own.map(({ id }) => id)]);
  const [registration = NONE, ...others] = stamps;
  return { subscription, registration: others.length === 0 ? registration : NONE };
}
