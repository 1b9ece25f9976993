import type { FastifyRequest } from "fastify";
import { Fault, isFault } from "../domain/faults/fault.ts";
import {
  type Hour,
  hourOf,
  hourStartMs,
  type RegistrationId,
  localSubscriptionId,
  meterId,
  subscriptionId,
  tenantId,
} from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import { allowedRows, permissionsOf } from "../http/permissions.ts";
import { callerOf } from "../http/route.ts";
import { formatInstant, HOUR_MS } from "../lib/instant.ts";
import type { Caller, Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import type { TotalsQuery } from "../operations/usage/totals.ts";
import type { Sight } from "../operations/usage/sight.ts";
import { instantQuery, queryOf } from "./input.ts";

export function invalid(parameter: string, value: string, reason: string): Fault {
  return new Fault("InvalidParameter", { parameter, value, reason }, { target: parameter });
}

/** @throws Fault InvalidParameter */
function idQuery<Id>(request: FastifyRequest, name: string, parse: (text: string) => Id | undefined): Id | undefined {
  const text = queryOf(request, name);
  if (text === undefined) return undefined;
  const id = parse(text);
  if (id === undefined) throw invalid(name, text, name === "meter" ? "a meter id is needed" : "a GUID is needed");
  return id;
}

function hourQuery(request: FastifyRequest, name: string): Hour {
  const instant = instantQuery(request, name);
  if (instant === undefined) throw invalid(name, "", "either period, or from and to are needed");
  if (instant % HOUR_MS !== 0) throw invalid(name, formatInstant(instant), "a whole hour is needed");
  return hourOf(instant);
}

/** @throws Fault PeriodInvalid, InvalidParameter */
export function hoursQuery({ periods }: Context, request: FastifyRequest): { readonly from: Hour; readonly to: Hour } {
  const period = queryOf(request, "period");
  if (period !== undefined) {
    if (queryOf(request, "from") !== undefined || queryOf(request, "to") !== undefined) {
      throw invalid("period", period, "either period, or from and to are needed");
    }
    return periods.named(period);
  }
  const [from, to] = [hourQuery(request, "from"), hourQuery(request, "to")];
  const reason = `it must be after from, by ${LIMITS.totalHoursMax} hours at most`;
  if (to <= from || to - from > LIMITS.totalHoursMax) throw invalid("to", formatInstant(hourStartMs(to)), reason);
  return { from, to };
}

/** Control characters are in no tag's name. */
const TAG_NAME = /^[^\p{Cc}]+$/u;

/** @throws Fault InvalidParameter */
export function tagName(tag: string): string {
  if (tag.length > LIMITS.tagNameCharsMax || !TAG_NAME.test(tag)) {
    throw invalid("tag", tag.slice(0, 100), `a name of ${LIMITS.tagNameCharsMax} characters at most is needed`);
  }
  return tag;
}

/** No registration has this number. */
const NO_REGISTRATION = 0 as RegistrationId;

/** Whoever may not see everything does not learn which registrations there are. @throws Fault RegistrationNotFound */
async function registrationQuery(context: Context, request: FastifyRequest): Promise<RegistrationId | undefined> {
  const wanted = queryOf(request, "registration");
  if (wanted === undefined) return undefined;
  try {
    return (await findRegistration(context.control, wanted)).id;
  } catch (error) {
    if (!isFault(error)) throw error;
    const may = await permissionsOf(context, callerOf(request));
    if (may("Stampbook/usage/read", "/")) throw error;
    return NO_REGISTRATION;
  }
}

/** Whose usage of which meter is asked for; what is not given is left out. @throws Fault InvalidParameter, RegistrationNotFound */
export async function whoseQuery(context: Context, request: FastifyRequest): Promise<Whose> {
  const found = {
    registration: await registrationQuery(context, request),
    payer: idQuery(request, "payer", subscriptionId),
    tenant: idQuery(request, "tenant", tenantId),
    localSubscription: idQuery(request, "localSubscription", localSubscriptionId),
    meter: idQuery(request, "meter", meterId),
  };
  return Object.fromEntries(Object.entries(found).filter(([, id]) => id !== undefined));
}

type Whose = Pick<TotalsQuery, "registration" | "payer" | "tenant" | "localSubscription" | "meter">;

/** Usage of a registration is seen by who may see usage there, and what somebody pays by who may see their statements. */
export const sightOf = (context: Context, caller: Caller): Sight => ({
  async registrations(rows) {
    const action = "Stampbook/usage/read";
    const allowed = await allowedRows(context, caller, { rows, action, scopeOf: registrationResourceId });
    return new Set(allowed.map(({ id }) => id));
  },
  async payers(rows) {
    const action = "Stampbook/statements/read";
    const scopeOf = (payer: string): string => `/subscriptions/${payer}`;
    return new Set(await allowedRows(context, caller, { rows, action, scopeOf }));
  },
});

/** The hours that usage is asked for, as parameters. */
export const HOURS = {
  period: "A billing period, for example 2024-02; or from and to:",
  from: "First hour, for example 2024-02-01T00:00:00Z.",
  to: "The hour after the last one.",
};
export const AS_OF = {
  asOf: "An instant: usage, and everything that decides about it, as it was known then. Now unless said.",
};
