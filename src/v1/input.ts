import type { FastifyRequest } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import { OFFER_TYPES, SUBSCRIPTION_STATES } from "../domain/catalogue/subscription.ts";
import type { CatalogueSubscription } from "../domain/catalogue/subscription.ts";
import { Fault } from "../domain/faults/fault.ts";
import { localSubscriptionId, type RegistrationId, subscriptionId, tenantId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { LocalSubscription } from "../domain/usage/localSubscription.ts";

const oneOf = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>({ type: "string", enum: [...values] });
const nullable = Type.Optional(Type.Unsafe<string | null>({ type: ["string", "null"] }));

export const CatalogueEntryBody = Type.Object(
  {
    displayName: nullable,
    offerType: Type.String(),
    state: nullable,
    partner: Type.String(),
    provider: nullable,
    reseller: nullable,
    customer: nullable,
    tenant: nullable,
  },
  { additionalProperties: false },
);

export const CatalogueBody = Type.Object({
  value: Type.Array(
    Type.Object({
      subscription: Type.String(),
      displayName: Type.Optional(Type.String()),
      offerType: oneOf(OFFER_TYPES),
      state: Type.Optional(oneOf(SUBSCRIPTION_STATES)),
      partner: Type.String({ minLength: 1 }),
      provider: nullable,
      reseller: nullable,
      customer: nullable,
      tenant: nullable,
    }),
    { maxItems: LIMITS.importRowsMax },
  ),
});

export const LocalSubscriptionsBody = Type.Object({
  value: Type.Array(
    Type.Object({
      localSubscription: Type.String(),
      tenant: Type.String(),
      displayName: Type.Optional(Type.String()),
      state: Type.Optional(Type.String()),
    }),
    { maxItems: LIMITS.importRowsMax },
  ),
});

export const ApprovalBody = Type.Object({
  reason: Type.Optional(Type.String({ maxLength: LIMITS.reasonCharsMax })),
});
export const PeriodBody = Type.Object({ period: Type.String() });

/** The body as its schema, which fastify has checked, says. */
export const bodyOf = <Schema extends TSchema>(request: FastifyRequest, _schema: Schema): Static<Schema> =>
  request.body as Static<Schema>;
export const queryOf = (request: FastifyRequest, name: string): string | undefined =>
  (request.query as Record<string, string>)[name.toLowerCase()] || undefined;

/** @throws Fault InvalidParameter */
export function wholeOf(
  parameter: string,
  text: string | undefined,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,12}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (value >= min && value <= max) return value;
  const reason = `a whole number from ${min} to ${max} is needed`;
  throw new Fault("InvalidParameter", { parameter, value: text, reason }, { target: parameter });
}

function need<Id>(id: Id | undefined, row: number, member: string, text: string): Id {
  if (id !== undefined) return id;
  const target = `value[${row}].${member}`;
  throw new Fault("InvalidRequestContent", { reason: `${target} is '${text}', which is no GUID` }, { target });
}

/** @throws Fault InvalidRequestContent naming the row; nothing is stored then */
export const catalogueRows = ({ value }: Static<typeof CatalogueBody>): readonly CatalogueSubscription[] =>
  value.map((row, i) => ({
    subscription: need(subscriptionId(row.subscription), i, "subscription", row.subscription),
    displayName: row.displayName ?? "",
    offerType: row.offerType,
    state: row.state ?? "Enabled",
    partner: row.partner,
    provider: row.provider ?? null,
    reseller: row.reseller ?? null,
    customer: row.customer ?? null,
    tenant: row.tenant ? need(tenantId(row.tenant), i, "tenant", row.tenant) : null,
  }));

/** @throws Fault InvalidRequestContent naming the row; nothing is stored then */
export const localSubscriptionRows = (
  registration: RegistrationId,
  { value }: Static<typeof LocalSubscriptionsBody>,
): readonly LocalSubscription[] =>
  value.map((row, i) => ({
    registration,
    localSubscription: need(localSubscriptionId(row.localSubscription), i, "localSubscription", row.localSubscription),
    tenant: need(tenantId(row.tenant), i, "tenant", row.tenant),
    displayName: row.displayName ?? "",
    state: row.state ?? "Enabled",
  }));
