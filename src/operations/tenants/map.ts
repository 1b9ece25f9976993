import type { Resolution } from "../../domain/catalogue/resolver.ts";
import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { hourFrom, subscriptionId, type TenantId, tenantId } from "../../domain/ids.ts";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
} from "../../domain/registration/registration.ts";
import { approvalState } from "../../domain/tenancy/approval.ts";
import { mayAskResolver, mayPay } from "../../domain/tenancy/mayMap.ts";
import type { CurrentMapping } from "../../domain/tenancy/store.ts";
import type { Caller, Context } from "../context.ts";
import { notAllowed, refusalOf, registrationNotFound, unauthorized } from "./refusals.ts";

export interface MapRequest {
  readonly scope: RegistrationScope;
  /** As the caller wrote it: its casing counts. */
  readonly customerSubscription: string;
  /** Only needed where the catalogue does not know the subscription's tenant. */
  readonly tenant?: string;
}

export interface MapResult {
  readonly registration: Registration;
  readonly mapping: CurrentMapping;
}

/**
 * Maps a tenant to the subscription that pays from the next whole hour on; an earlier mapping of the tenant ends there.
 * Refusals come in the order of contract/registration.md §6.5, and are audited.
 * @throws Fault one of the first seven refusals, InvalidRequestContent
 */
export async function mapTenant(context: Context, caller: Caller, request: MapRequest): Promise<MapResult> {
  try {
    const { registration, customer } = await permitted(context, request);
    return await store(context, caller, registration, { customer, tenant: tenantOf(customer, request) });
  } catch (error) {
    if (error instanceof Fault) {
      await context.control.audit.add({
        atMs: context.clock.now(),
        actor: caller.name,
        action: "Microsoft.AzureStack/registrations/customerSubscriptions/write",
        target: `${registrationResourceId(request.scope)}/customerSubscriptions/${request.customerSubscription}`,
        outcome: error.code,
        detail: {},
      });
    }
    throw error;
  }
}

async function permitted(
  { control, resolver }: Context,
  { scope, customerSubscription }: MapRequest,
): Promise<{ readonly registration: Registration; readonly customer: CatalogueSubscription }> {
  const registration = await control.registrations.find(scope);
  const approval = registration ? approvalState(await control.tenancy.approvalEvents(registration.id)) : "none";
  const verdict = mayAskResolver(registration, approval);
  if (registration === undefined || verdict === "RegistrationNotFound") throw registrationNotFound(scope);
  if (verdict === "CustomerSubscriptionsNotAllowed") throw notAllowed(registration);
  if (verdict === "UnauthorizedCspRegistration") throw unauthorized(registration, approval);

  const id = subscriptionId(customerSubscription);
  const resolution: Resolution = id === undefined ? { kind: "unknown" } : await resolver.resolve(id);
  const own = resolution.kind === "found" ? await resolver.resolve(registration.subscription) : resolution;
  const partner = own.kind === "found" ? own.subscription.partner : undefined;
  const outcome = mayPay(customerSubscription, own.kind === "unreachable" ? own : resolution, partner);
  if ("refusal" in outcome) throw refusalOf(outcome, registration, customerSubscription);
  return { registration, customer: outcome.customer };
}

/** The catalogue says which tenant a subscription belongs to; the caller may only agree (§11 row 5). */
function tenantOf(customer: CatalogueSubscription, { tenant, customerSubscription }: MapRequest): TenantId {
  const target = "properties.tenantId";
  const given = tenant === undefined ? undefined : tenantId(tenant);
  if (tenant !== undefined && given === undefined) {
    throw new Fault("InvalidRequestContent", { reason: `tenantId '${tenant}' is no GUID` }, { target });
  }
  const known = customer.tenant ?? given;
  if (known === undefined) {
    const reason = "the catalogue does not know the subscription's tenant, so tenantId is needed";
    throw new Fault("InvalidRequestContent", { reason }, { target });
  }
  if (given !== undefined && given !== known) {
    throw new Fault("InvalidCustomerSubscriptionId", { customerSubscription }, { target });
  }
  return known;
}

async function store(
  { control, clock }: Context,
  caller: Caller,
  registration: Registration,
  { customer, tenant }: { readonly customer: CatalogueSubscription; readonly tenant: TenantId },
): Promise<MapResult> {
  return await control.transaction(async ({ tenancy, audit }) => {
    const before = await tenancy.findCurrentOfTenant(registration.id, tenant);
    if (before?.customer === customer.subscription) return { registration, mapping: before };
    const recordedAtMs = clock.now();
    const common = {
      registration: registration.id,
      effectiveHour: hourFrom(recordedAtMs),
      recordedAtMs,
      recordedBy: caller.name,
    };
    // A subscription pays for one tenant of a registration: if it paid for another one, that ends.
    const displaced = await tenancy.findCurrent(registration.id, customer.subscription);
    if (displaced !== undefined) await tenancy.addChange({ ...common, tenant: displaced.tenant, customer: null });
    const change = await tenancy.addChange({ ...common, tenant, customer: customer.subscription });
    await audit.add({
      atMs: recordedAtMs,
      actor: caller.name,
      action: "Microsoft.AzureStack/registrations/customerSubscriptions/write",
      target: `${registrationResourceId(registration)}/customerSubscriptions/${customer.subscription}`,
      outcome: "done",
      detail: {
        tenant,
        before: before?.customer ?? null,
        after: customer.subscription,
        displaced: displaced?.tenant ?? null,
      },
    });
    return { registration, mapping: { tenant, customer: customer.subscription, change: change.id } };
  });
}
