import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { Fault } from "../domain/faults/fault.ts";
import { type EffectiveChange, BEGINNING } from "../domain/history.ts";
import { type Hour, hourOf, hourStartMs, localSubscriptionId, type RegistrationId, tenantId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { LocalSubscriptionChange, StatedLocalSubscription } from "../domain/usage/localSubscription.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { paramOf } from "../http/parameters.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { putLocalSubscriptions } from "../operations/localSubscriptions/put.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { bodyOf, guidIn, instantOf, instantQuery, limitOf, nullable, numberAfter, queryOf } from "./input.ts";
import { onRegistration, REGISTRATION } from "./registrationScope.ts";

const LocalSubscriptionsBody = Type.Object({
  value: Type.Array(
    Type.Object({
      localSubscription: Type.String(),
      tenant: Type.String(),
      owner: nullable,
      offer: nullable,
      displayName: nullable,
      state: nullable,
      validFrom: nullable,
    }),
    { maxItems: LIMITS.importRowsMax },
  ),
});

/** @throws Fault InvalidRequestContent naming the row; nothing is stored then */
const statedIn = (
  registration: RegistrationId,
  { value }: Static<typeof LocalSubscriptionsBody>,
): readonly StatedLocalSubscription[] =>
  value.map((row, i) => ({
    registration,
    localSubscription: guidIn(localSubscriptionId, {
      row: i,
      member: "localSubscription",
      text: row.localSubscription,
    }),
    tenant: guidIn(tenantId, { row: i, member: "tenant", text: row.tenant }),
    owner: row.owner ?? "",
    offer: row.offer ?? "",
    displayName: row.displayName ?? "",
    state: row.state ?? "Enabled",
    validFromMs: row.validFrom ? instantOf(`value[${i}].validFrom`, row.validFrom) : undefined,
  }));

/** The hour that a change counts from; null: it has always been so. */
export const validFromOut = ({ effectiveHour }: Pick<EffectiveChange, "effectiveHour">): string | null =>
  effectiveHour === BEGINNING ? null : formatInstant(hourStartMs(effectiveHour));

const changeOut = (change: LocalSubscriptionChange) => ({
  id: change.id,
  localSubscription: change.localSubscription,
  tenant: change.tenant,
  owner: change.owner,
  offer: change.offer,
  displayName: change.displayName,
  state: change.state,
  validFrom: validFromOut(change),
  recordedAt: formatInstant(change.recordedAtMs),
  recordedBy: change.recordedBy,
});

/** Past every hour: changes that count from an hour to come are the newest too. */
const LAST_HOUR = hourOf(Number.MAX_SAFE_INTEGER);

function hourQuery(request: FastifyRequest): Hour {
  const at = instantQuery(request, "at");
  return at === undefined ? LAST_HOUR : hourOf(at);
}

async function list({ control, clock }: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(control, paramOf(request, "registration"));
  const limit = limitOf(request);
  const of = {
    registration: registration.id,
    recordedUntilMs: instantQuery(request, "asOf") ?? clock.now(),
    hour: hourQuery(request),
  };
  const after = (queryOf(request, "after") ?? "").toLowerCase();
  const value = await control.localSubscriptions.page(of, { after, limit });
  const next = value.length < limit ? {} : { next: value.at(-1)!.localSubscription };
  return { status: 200, body: { value: value.map(changeOut), ...next } };
}

async function put(context: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(context.control, paramOf(request, "registration"));
  const stated = statedIn(registration.id, bodyOf(request, LocalSubscriptionsBody));
  const changes = await putLocalSubscriptions(context, callerOf(request), registration, stated);
  return { status: 200, body: { stored: stated.length, changes } };
}

async function history({ control, clock }: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(control, paramOf(request, "registration"));
  const wanted = paramOf(request, "localSubscription");
  const localSubscription = localSubscriptionId(wanted);
  if (localSubscription === undefined) {
    const fact = { parameter: "localSubscription", value: wanted, reason: "a GUID is needed" };
    throw new Fault("InvalidParameter", fact, { target: "localSubscription" });
  }
  const limit = limitOf(request);
  const recordedUntilMs = instantQuery(request, "asOf") ?? clock.now();
  const of = { registration: registration.id, localSubscription, recordedUntilMs };
  const value = await control.localSubscriptions.history(of, { after: numberAfter(request), limit });
  const next = value.length < limit ? {} : { next: value.at(-1)!.id };
  return { status: 200, body: { value: value.map(changeOut), ...next } };
}

const LOCAL_SUBSCRIPTIONS = `${REGISTRATION}/local-subscriptions`;
const READ = onRegistration("Stampbook/localSubscriptions/read");
const AS_OF = "What was known at this instant; now unless given.";
const PAGE = {
  after: "Where the page before ended: its next.",
  limit: "How many to give, 1,000 unless said.",
};

/** Subscriptions on a stamp: whose they are, from which hour on. */
export const LOCAL_SUBSCRIPTION_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: LOCAL_SUBSCRIPTIONS,
    summary: "List the local subscriptions of a stamp, each with its newest change.",
    access: READ,
    query: { at: "What counts in the usage hour of this instant, instead of the newest.", asOf: AS_OF, ...PAGE },
    run: list,
  },
  {
    method: "PUT",
    path: LOCAL_SUBSCRIPTIONS,
    summary:
      "Add or change local subscriptions; all of them or none. A change counts from validFrom, or the next whole hour.",
    access: onRegistration("Stampbook/localSubscriptions/write"),
    body: LocalSubscriptionsBody,
    run: put,
  },
  {
    method: "GET",
    path: `${LOCAL_SUBSCRIPTIONS}/:localSubscription/history`,
    summary: "Every change of a local subscription, in the order of recording.",
    access: READ,
    query: { asOf: AS_OF, ...PAGE },
    run: history,
  },
];
