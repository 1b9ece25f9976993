import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { Fault } from "../domain/faults/fault.ts";
import { formatMeter } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { currencyOf } from "../domain/rating/currency.ts";
import { termsToJson } from "../domain/rating/priceJson.ts";
import { priceNumber, signedPriceNumber } from "../domain/rating/priceNumber.ts";
import {
  LEVELS,
  type Markup,
  PARTY_KINDS,
  type PriceAssignment,
  type PriceTerms,
} from "../domain/rating/priceTerms.ts";
import { METERS } from "../domain/usage/meterCatalogue.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { compare, type Decimal, decimal, formatDecimal } from "../lib/decimal.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { assignSheet } from "../operations/prices/assign.ts";
import { setFxRate } from "../operations/prices/fxRates.ts";
import { unpricedMeters } from "../operations/prices/unpriced.ts";
import { bodyOf, instantOf, nullable, oneOf } from "./input.ts";
import { meterOf } from "./meters.ts";
import { PAGE_QUERY, pageOf } from "./page.ts";
import { fromOut } from "./priceSheets.ts";

const reason = Type.String({ minLength: 1, maxLength: LIMITS.reasonCharsMax });

const AssignmentBody = Type.Object(
  {
    level: Type.Optional(oneOf(LEVELS)),
    party: Type.Object({ kind: oneOf(PARTY_KINDS), id: nullable }, { additionalProperties: false }),
    sheet: Type.Unsafe<string | null>({ type: ["string", "null"] }),
    region: nullable,
    markups: Type.Optional(
      Type.Array(
        Type.Object(
          { commerceMeter: nullable, percent: nullable, absolute: nullable },
          { additionalProperties: false },
        ),
        { maxItems: LIMITS.priceMarkupsMax },
      ),
    ),
    creditPercent: nullable,
    billingCurrency: nullable,
    from: nullable,
    reason,
    correction: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const FxRateBody = Type.Object(
  { period: Type.String(), from: Type.String(), to: Type.String(), rate: Type.String(), reason },
  { additionalProperties: false },
);

/** A percentage from `min` to `max`. @throws Fault InvalidParameter, PriceNumberInvalid, PriceTooManyDigits */
function percentIn(parameter: string, text: string, { min, max }: { min: number; max: number | null }): Decimal {
  const percent = signedPriceNumber(parameter, text);
  const inside = compare(percent, decimal(String(min))) >= 0;
  if (inside && (max === null || compare(percent, decimal(String(max))) <= 0)) return percent;
  const said = max === null ? `a percentage from ${min} on is needed` : `a percentage from ${min} to ${max} is needed`;
  throw new Fault("InvalidParameter", { parameter, value: text, reason: said }, { target: parameter });
}

/** Less than nothing is no price: a mark-up takes all of it off at most. */
function markupIn(
  { commerceMeter, percent, absolute }: NonNullable<Static<typeof AssignmentBody>["markups"]>[number],
  i: number,
): Markup {
  const at = `markups[${i}]`;
  return {
    commerceMeter: commerceMeter ? meterOf(`${at}.commerceMeter`, commerceMeter) : null,
    percent: percentIn(`${at}.percent`, percent || "0", { min: -100, max: null }),
    absolute: priceNumber(`${at}.absolute`, absolute || "0"),
  };
}

function termsIn(body: Static<typeof AssignmentBody>): PriceTerms | null {
  const { sheet, region, creditPercent, billingCurrency } = body;
  if (sheet === null) return null;
  const markups = (body.markups ?? []).map(markupIn);
  const twice = markups.findIndex(
    (so, i) => markups.findIndex((other) => other.commerceMeter === so.commerceMeter) < i,
  );
  if (twice !== -1) {
    const parameter = `markups[${twice}].commerceMeter`;
    const value = markups[twice]!.commerceMeter ?? "every meter";
    throw new Fault(
      "InvalidParameter",
      { parameter, value, reason: "it has a mark-up already" },
      { target: parameter },
    );
  }
  return {
    sheet,
    region: region || null,
    markups,
    creditPercent: percentIn("creditPercent", creditPercent || "0", { min: 0, max: 100 }),
    billingCurrency: billingCurrency ? currencyOf("billingCurrency", billingCurrency) : null,
  };
}

async function assign(context: Context, request: FastifyRequest): Promise<Answer> {
  const body = bodyOf(request, AssignmentBody);
  const { level = "customer", party, from, correction = false } = body;
  const changed = await assignSheet(context, callerOf(request), {
    level,
    party: { kind: party.kind, id: party.id ?? "" },
    terms: termsIn(body),
    reason: body.reason,
    fromMs: from ? instantOf("from", from) : undefined,
    isCorrection: correction,
  });
  return { status: 200, body: { changed } };
}

function assignmentOut({ id, level, party, terms, reason: why, ...change }: PriceAssignment) {
  const told = terms && termsToJson(terms);
  const markups = told?.markups.map((so) => {
    return { ...so, commerceMeter: so.commerceMeter && formatMeter(so.commerceMeter) };
  });
  return {
    id,
    level,
    party,
    terms: told && { ...told, markups },
    from: fromOut(change.effectiveHour),
    reason: why,
    recordedAt: formatInstant(change.recordedAtMs),
    recordedBy: change.recordedBy,
  };
}

async function assignments({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const { rows, next } = pageOf(request, (await control.prices.records()).assignments);
  return { status: 200, body: { value: rows.map(assignmentOut), ...next } };
}

async function fxRates({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const { rows, next } = pageOf(request, (await control.prices.records()).fxRates);
  const value = rows.map(({ recordedAtMs, ...so }) => ({ ...so, recordedAt: formatInstant(recordedAtMs) }));
  return { status: 200, body: { value, ...next } };
}

async function fixRate(context: Context, request: FastifyRequest): Promise<Answer> {
  const changed = await setFxRate(context, callerOf(request), bodyOf(request, FxRateBody));
  return { status: 200, body: { changed } };
}

async function unpriced(context: Context): Promise<Answer> {
  const { meters, knowledge } = await unpricedMeters(context);
  const value = meters.map(({ meter, quantity, records, registrations, from }) => ({
    meter: formatMeter(meter),
    name: knowledge.meters.factsOf(meter)?.name ?? "unknown meter",
    unit: knowledge.meters.factsOf(meter)?.unit ?? "unknown unit",
    status: METERS.get(meter)?.status ?? "operator",
    quantity: formatDecimal(quantity),
    records,
    registrations,
    from: fromOut(from),
  }));
  return { status: 200, body: { value } };
}

const READ = { action: "Stampbook/priceSheets/read" };
const WRITE = { action: "Stampbook/priceSheets/write" };

/** Who is priced by which sheet and on which terms, and rates between currencies. */
export const PRICE_TERMS_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/price-assignments",
    summary: "Every assignment of a price sheet, in the order of recording.",
    access: READ,
    query: PAGE_QUERY,
    run: assignments,
  },
  {
    method: "POST",
    path: "/v1/price-assignments",
    summary:
      "Say by which sheet, mark-ups and credit somebody's usage is priced from an hour on; a null sheet ends it.",
    access: WRITE,
    body: AssignmentBody,
    run: assign,
  },
  {
    method: "GET",
    path: "/v1/fx-rates",
    summary: "Every rate between two currencies, in the order of recording; the last one of a period counts.",
    access: READ,
    query: PAGE_QUERY,
    run: fxRates,
  },
  {
    method: "POST",
    path: "/v1/fx-rates",
    summary: "Fix what one unit of a currency is worth in another in a billing period.",
    access: WRITE,
    body: FxRateBody,
    run: fixRate,
  },
  {
    method: "GET",
    path: "/v1/unpriced-meters",
    summary: "Meters with usage that waits for a price, and how much of it.",
    access: READ,
    run: unpriced,
  },
];
