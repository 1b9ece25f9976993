import type { FastifyRequest } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import { OFFER_TYPES, SUBSCRIPTION_STATES } from "../domain/catalogue/subscription.ts";
import type { CatalogueSubscription } from "../domain/catalogue/subscription.ts";
import { Fault } from "../domain/faults/fault.ts";
import { subscriptionId, tenantId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { parseInstant } from "../lib/instant.ts";

export const oneOf = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>({ type: "string", enum: [...values] });
export const nullable = Type.Optional(Type.Unsafe<string | null>({ type: ["string", "null"] }));

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

/** How many rows of a list are asked for. */
export const limitOf = (request: FastifyRequest): number =>
  wholeOf("limit", queryOf(request, "limit"), { fallback: LIMITS.pageRowsMax, min: 1, max: LIMITS.pageRowsMax });

/** The number that the page before ended with. */
export const numberAfter = (request: FastifyRequest): number =>
  wholeOf("after", queryOf(request, "after"), { fallback: 0, min: 0, max: 999_999_999_999 });

/** @throws Fault InvalidParameter */
export function instantOf(parameter: string, text: string): number {
  const instant = parseInstant(text);
  if (instant !== undefined && instant >= 0) return instant;
  const reason = "an instant such as 2024-02-29T23:00:00Z is needed";
  throw new Fault("InvalidParameter", { parameter, value: text, reason }, { target: parameter });
}

/** @throws Fault InvalidParameter */
export function instantQuery(request: FastifyRequest, name: string): number | undefined {
  const text = queryOf(request, name);
  return text === undefined ? undefined : instantOf(name, text);
}

/** @throws Fault InvalidRequestContent */
export function guidIn<Id>(
  parse: (text: string) => Id | undefined,
  { row, member, text }: { readonly row: number; readonly member: string; readonly text: string },
): Id {
  const id = parse(text);
  if (id !== undefined) return id;
  const target = `value[${row}].${member}`;
  throw new Fault("InvalidRequestContent", { reason: `${target} is '${text}', which is no GUID` }, { target });
}

/** @throws Fault InvalidRequestContent naming the row; nothing is stored then */
export const catalogueRows = ({ value }: Static<typeof CatalogueBody>): readonly CatalogueSubscription[] =>
  value.map((row, i) => ({
    subscription: guidIn(subscriptionId, { row: i, member: "subscription", text: row.subscription }),
    displayName: row.displayName ?? "",
    offerType: row.offerType,
    state: row.state ?? "Enabled",
    partner: row.partner,
    provider: row.provider ?? null,
    reseller: row.reseller ?? null,
    customer: row.customer ?? null,
    tenant: row.tenant ? guidIn(tenantId, { row: i, member: "tenant", text: row.tenant }) : null,
  }));
