import type { FastifyRequest } from "fastify";
import { chooseLanguage, Fault, type Language, parkedText } from "../domain/faults/fault.ts";
import { formatMeter, localSubscriptionId, meterId } from "../domain/ids.ts";
import { PARKED_REASONS } from "../domain/statement/classify.ts";
import { parsePeriod } from "../domain/statement/period.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatDecimal, formatFixed } from "../lib/decimal.ts";
import { formatInstant, HOUR_MS } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { listParked, type ParkedFilter, type ParkedPage } from "../operations/usage/parked.ts";
import { limitOf, queryOf, wholeOf } from "./input.ts";
import { meterOut } from "./output.ts";

/** @throws Fault InvalidParameter */
function parsed<Value>(
  request: FastifyRequest,
  parameter: string,
  { parse, expected }: { readonly parse: (text: string) => Value | undefined; readonly expected: string },
): Value | undefined {
  const text = queryOf(request, parameter);
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value !== undefined) return value;
  throw new Fault("InvalidParameter", { parameter, value: text, reason: expected }, { target: parameter });
}

async function filterOf({ control }: Context, request: FastifyRequest): Promise<ParkedFilter> {
  const named = queryOf(request, "registration");
  const reason = parsed(request, "reason", {
    parse: (text) => PARKED_REASONS.find((known) => known.toLowerCase() === text.toLowerCase()),
    expected: `one of ${PARKED_REASONS.join(", ")} is needed`,
  });
  const localSubscription = parsed(request, "localSubscription", {
    parse: localSubscriptionId,
    expected: "a GUID is needed",
  });
  const meter = parsed(request, "meter", { parse: meterId, expected: "a meter id is needed" });
  return {
    ...(named === undefined ? {} : { registration: (await findRegistration(control, named)).id }),
    ...(reason === undefined ? {} : { reason }),
    ...(localSubscription === undefined ? {} : { localSubscription }),
    ...(meter === undefined ? {} : { meter }),
  };
}

const groupOut = (
  group: ParkedPage["groups"][number],
  { knowledge }: ParkedPage,
  { language, nowMs }: { readonly language: Language; readonly nowMs: number },
) => {
  const { reason, registrationName: registration, localSubscription, meter, age, atStake } = group;
  const { meters } = knowledge;
  return {
    reason,
    registration,
    localSubscription,
    ...meterOut(meter, meters),
    quantity: formatDecimal(group.quantity),
    records: group.records,
    oldestUsage: age === undefined ? null : formatInstant(age.oldestUsageMs),
    oldestArrival: age === undefined ? null : formatInstant(age.oldestArrivalMs),
    ageHours: age === undefined ? null : Math.floor((nowMs - age.oldestUsageMs) / HOUR_MS),
    amountAtStake: typeof atStake === "string" ? null : formatFixed(atStake.amount, atStake.scale),
    currency: typeof atStake === "string" ? null : atStake.currency,
    noAmountBecause: typeof atStake === "string" ? atStake : null,
    ...parkedText(reason, { registration, localSubscription, meter: formatMeter(meter) }, language),
  };
};

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const limit = limitOf(request);
  const offset = wholeOf("offset", queryOf(request, "offset"), { fallback: 0, min: 0, max: 1e9 });
  const month = queryOf(request, "month");
  const wanted = { offset, limit, ...(month === undefined ? {} : { month: parsePeriod(month) }) };
  const page = await listParked(context, await filterOf(context, request), wanted);
  const shown = { language: chooseLanguage(request.headers["accept-language"]), nowMs: context.clock.now() };
  const next = offset + limit < page.groupsInAll ? { next: offset + limit } : {};
  return {
    status: 200,
    body: {
      value: page.groups.map((group) => groupOut(group, page, shown)),
      sums: page.groupsInAll,
      records: page.recordsInAll,
      ...next,
    },
  };
}

/** Usage that is stored and on no statement until somebody resolves it. */
export const PARKED_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/usage/parked",
    summary: "Usage that waits for somebody to resolve it: how much, since when, what it would cost, what to do.",
    access: { action: "Stampbook/usage/read" },
    query: {
      reason: `Only what waits for this reason: ${PARKED_REASONS.join(", ")}.`,
      registration: "Only of this registration: number, cloud id, resource id or name.",
      localSubscription: "Only of this local subscription.",
      meter: "Only of this meter.",
      month: "Only of this month, for example 2024-01; also what waited when it was archived, which no other list has.",
      offset: "How many sums to pass over: the next of the page before.",
      limit: "How many to give, 1,000 unless said.",
    },
    run: list,
  },
];
