import type { Resolution, ResolutionSource } from "../../domain/catalogue/resolver.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { type SubscriptionId, subscriptionId, type TenantId, tenantId } from "../../domain/ids.ts";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
} from "../../domain/registration/registration.ts";
import { type ApprovalState, approvalState } from "../../domain/tenancy/approval.ts";
import type { MappingChange } from "../../domain/tenancy/mapping.ts";
import { mayAskResolver, mayPay } from "../../domain/tenancy/mayMap.ts";
import type { CurrentMapping } from "../../domain/tenancy/store.ts";
import { mappingEtag } from "../../domain/registration/etag.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { noPrecondition, type Precondition } from "../precondition.ts";
import { candidatesFor } from "./candidates.ts";
import { effectiveHour } from "./effectiveHour.ts";
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
 * Refusals come in the order of contract/registration.md §6.5.
 * @throws Fault one of the first seven refusals, InvalidRequestContent
 */
export async function mapTenant(
  context: Context,
  caller: Caller,
  request: MapRequest,
  precondition: Precondition = noPrecondition,
): Promise<MapResult> {
  const allowed = await permitted(context, request);
  const tenant = tenantOf(allowed.customer, request);
  return await store(context, caller, { ...allowed, scope: request.scope, tenant, precondition });
}

async function permitted(
  { control, resolver }: Context,
  { scope, customerSubscription }: MapRequest,
): Promise<Allowed> {
  const found = await control.registrations.find(scope);
  const registration = mustAllow(scope, found, await approvalOf(control, found));
  const id = subscriptionId(customerSubscription);
  // Both at once: the answer's time is that of the slower question, not of both.
  const [asked, own] = await Promise.all([
    id === undefined ? UNKNOWN : resolver.resolve(id),
    resolver.resolve(registration.subscription),
  ]);
  const outcome = mayPay(customerSubscription, asked, own);
  if ("refusal" in outcome) {
    const registered = own.kind === "found" ? own.subscription : undefined;
    const candidates = await candidatesFor(control, outcome, customerSubscription, registered);
    throw refusalOf(outcome, registration, customerSubscription, candidates);
  }
  return { registration, customer: outcome.customer, source: asked.kind === "found" ? asked.source : undefined };
}

const UNKNOWN: Resolution = { kind: "unknown" };

interface Allowed {
  readonly registration: Registration;
  readonly customer: CatalogueSubscription;
  readonly source: ResolutionSource | undefined;
}

const approvalOf = async (
  { tenancy }: ControlStores,
  registration: Registration | undefined,
): Promise<ApprovalState> =>
  registration === undefined ? "none" : approvalState(await tenancy.approvalEvents(registration.id));

/** The registration, or the refusal that needs no resolver. */
function mustAllow(scope: RegistrationScope, found: Registration | undefined, approval: ApprovalState): Registration {
  const verdict = mayAskResolver(found, approval);
  if (found === undefined || verdict === "RegistrationNotFound") throw registrationNotFound(scope);
  if (verdict === "CustomerSubscriptionsNotAllowed") throw notAllowed(found);
  if (verdict === "UnauthorizedCspRegistration") throw unauthorized(found, approval);
  return found;
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

interface Permitted extends Allowed {
  readonly scope: RegistrationScope;
  readonly tenant: TenantId;
  readonly precondition: Precondition;
}

async function store(
  { control, clock }: Context,
  caller: Caller,
  { registration, scope, customer, tenant, source, precondition }: Permitted,
): Promise<MapResult> {
  return await control.transaction(async (stores) => {
    const { tenancy, audit } = stores;
    // Asked again: while the resolver was asked, the approval may have been revoked.
    mustAllow(scope, await stores.registrations.find(scope), await approvalOf(stores, registration));
    const before = await tenancy.findCurrentOfTenant(registration.id, tenant);
    const same = await tenancy.findCurrent(registration.id, customer.subscription);
    precondition(same && mappingEtag(same));
    if (before?.customer === customer.subscription) return { registration, mapping: before };
    const recordedAtMs = clock.now();
    const add = async (of: TenantId, payer: SubscriptionId | null): Promise<MappingChange> =>
      await tenancy.addChange({
        registration: registration.id,
        tenant: of,
        customer: payer,
        effectiveHour: await effectiveHour(stores, registration.id, of, recordedAtMs),
        recordedAtMs,
        recordedBy: caller.name,
      });
    // A subscription pays for one tenant of a registration: if it paid for another one, that ends.
    const displaced = same?.tenant === tenant ? undefined : same;
    if (displaced !== undefined) await add(displaced.tenant, null);
    const change = await add(tenant, customer.subscription);
    await audit.add({
      ...auditedBy(caller, recordedAtMs),
      action: "Microsoft.AzureStack/registrations/customerSubscriptions/write",
      target: `${registrationResourceId(registration)}/customerSubscriptions/${customer.subscription}`,
      outcome: "done",
      detail: {
        tenant,
        before: before?.customer ?? null,
        after: customer.subscription,
        displaced: displaced?.tenant ?? null,
        resolvedFrom: source?.from,
        resolvedAgeMs: source?.ageMs,
      },
    });
    const mapping = {
      tenant,
      customer: customer.subscription,
      change: change.id,
      recordedAtMs,
      recordedBy: caller.name,
    };
    return { registration, mapping };
  });
}
