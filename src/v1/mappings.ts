import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { hourStartMs, tenantId, type TenantId } from "../domain/ids.ts";
import type { Answer, Route } from "../http/route.ts";
import { paramOf } from "../http/parameters.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { instantQuery, limitOf, numberAfter, queryOf } from "./input.ts";
import { validFromOut } from "./localSubscriptions.ts";
import { onRegistration, REGISTRATION } from "./registrationScope.ts";

function tenantQuery(request: FastifyRequest): TenantId | undefined {
  const text = queryOf(request, "tenant");
  const tenant = text === undefined ? undefined : tenantId(text);
  if (text === undefined || tenant !== undefined) return tenant;
  const reason = "a GUID is needed";
  throw new Fault("InvalidParameter", { parameter: "tenant", value: text, reason }, { target: "tenant" });
}

async function mappingHistory({ control, clock }: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(control, paramOf(request, "registration"));
  const limit = limitOf(request);
  const tenant = tenantQuery(request);
  const of = {
    registration: registration.id,
    ...(tenant === undefined ? {} : { tenant }),
    recordedUntilMs: instantQuery(request, "asOf") ?? clock.now(),
  };
  const changes = await control.tenancy.history(of, { after: numberAfter(request), limit });
  const value = changes.map((change) => ({
    id: change.id,
    tenant: change.tenant,
    customerSubscription: change.customer,
    effectiveFrom: formatInstant(hourStartMs(change.effectiveHour)),
    recordedAt: formatInstant(change.recordedAtMs),
    recordedBy: change.recordedBy,
  }));
  const next = value.length < limit ? {} : { next: value.at(-1)!.id };
  return { status: 200, body: { value, ...next } };
}

/** A registration's billing model changes a few times at most: one answer has them all. */
async function billingModelHistory({ control, clock }: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(control, paramOf(request, "registration"));
  const recordedUntilMs = instantQuery(request, "asOf") ?? clock.now();
  const of = { registration: registration.id, recordedUntilMs };
  const changes = await control.registrations.billingModelChanges(of);
  const value = changes.map((change) => ({
    id: change.id,
    billingModel: change.billingModel,
    validFrom: validFromOut(change),
    recordedAt: formatInstant(change.recordedAtMs),
    recordedBy: change.recordedBy,
  }));
  return { status: 200, body: { value } };
}

const AS_OF = "What was known at this instant; now unless given.";

/** The history of what decides who pays on a registration. */
export const MAPPING_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: `${REGISTRATION}/mappings`,
    summary: "Every change of who pays, oldest first.",
    access: onRegistration("Stampbook/mappings/read"),
    query: {
      tenant: "Only of this tenant.",
      asOf: AS_OF,
      after: "Where the page before ended: its next.",
      limit: "How many to give, 1,000 unless said.",
    },
    run: mappingHistory,
  },
  {
    method: "GET",
    path: `${REGISTRATION}/billing-models`,
    summary: "Every change of the billing model, in the order of recording.",
    access: onRegistration("Stampbook/mappings/read"),
    query: { asOf: AS_OF },
    run: billingModelHistory,
  },
];
