import type { FastifyRequest } from "fastify";
import { tell } from "../domain/completeness/diagnosis.ts";
import { HOUR_STATES, LATE_HOURS, SETTLING_HOURS } from "../domain/completeness/hours.ts";
import { chooseLanguage, Fault } from "../domain/faults/fault.ts";
import { type Hour, hourFrom, hourOf, hourStartMs } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { paramOf } from "../http/parameters.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatInstant, HOUR_MS } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { stampCompleteness, type StampCompleteness } from "../operations/usage/completeness.ts";
import { instantQuery } from "./input.ts";
import { onRegistration } from "./registrationScope.ts";

const HOURS_UNLESS_SAID = 7 * 24;

function invalid(parameter: string, instantMs: number, reason: string): Fault {
  return new Fault("InvalidParameter", { parameter, value: formatInstant(instantMs), reason }, { target: parameter });
}

/** @throws Fault InvalidParameter */
function hourQuery(request: FastifyRequest, name: string): Hour | undefined {
  const instant = instantQuery(request, name);
  if (instant !== undefined && instant % HOUR_MS !== 0) throw invalid(name, instant, "a whole hour is needed");
  return instant === undefined ? undefined : hourOf(instant);
}

/** @throws Fault InvalidParameter */
function hoursOf(request: FastifyRequest, nowMs: number): { readonly from: Hour; readonly to: Hour } {
  const to = hourQuery(request, "to") ?? hourFrom(nowMs);
  const from = hourQuery(request, "from") ?? (Math.max(0, to - HOURS_UNLESS_SAID) as Hour);
  const reason = `it must be after from, by ${LIMITS.completenessHoursMax} hours at most`;
  if (to <= from || to - from > LIMITS.completenessHoursMax) throw invalid("to", hourStartMs(to), reason);
  return { from, to };
}

const timeOut = (instantMs: number | undefined): string | null =>
  instantMs === undefined ? null : formatInstant(instantMs);
const hourOut = (hour: Hour | undefined): string | null => timeOut(hour === undefined ? undefined : hourStartMs(hour));

function hoursOut({ completeness: { hours }, expectedFrom, settledTo }: StampCompleteness) {
  return hours.map(({ hour, state, records, held, late, firstArrivalMs, lastArrivalMs }) => ({
    hour: hourOut(hour),
    state,
    expected: expectedFrom !== undefined && hour >= expectedFrom && hour < settledTo,
    records,
    held,
    late,
    firstArrival: timeOut(firstArrivalMs),
    lastArrival: timeOut(lastArrivalMs),
  }));
}

function summaryOut({ completeness: { hours, counts, gaps }, ...looked }: StampCompleteness) {
  const came = hours.filter(({ state }) => state === "received" || state === "late");
  return {
    expectedFrom: hourOut(looked.expectedFrom),
    expectedTo: hourOut(looked.settledTo),
    reportedUntil: timeOut(looked.reportedUntilMs),
    firstHour: hourOut(came[0]?.hour),
    lastHour: hourOut(came.at(-1)?.hour),
    hours: Object.fromEntries(HOUR_STATES.map((state) => [state, counts[state]])),
    gaps: gaps.map(({ from, to }) => ({ from: hourOut(from), to: hourOut(to), hours: to - from })),
  };
}

async function show(context: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(context.control, paramOf(request, "registration"));
  const { from, to } = hoursOf(request, context.clock.now());
  const looked = await stampCompleteness(context, registration, { from, to });
  const language = chooseLanguage(request.headers["accept-language"]);
  return {
    status: 200,
    body: {
      registration: registration.id,
      registrationName: registration.name,
      from: hourOut(from),
      to: hourOut(to),
      lastBatch: looked.lastBatch,
      batchesNotCounted: looked.batchesNotCounted,
      rule: { settlingHours: SETTLING_HOURS, lateHours: LATE_HOURS },
      summary: summaryOut(looked),
      findings: looked.findings.slice(0, LIMITS.completenessFindingsMax).map((found) => tell(found, language)),
      findingsInAll: looked.findings.length,
      value: hoursOut(looked),
    },
  };
}

/** Whether every hour of a stamp's usage is there, and what is wrong. */
export const COMPLETENESS_ROUTE: Route = {
  method: "GET",
  path: "/v1/stamps/:registration/completeness",
  summary:
    "Which hours of a stamp's usage are there, late or missing, and what is wrong: gaps, standstill, a clock ahead, tenants nobody mapped, usage that waits, falling volumes. :registration is a number, cloud id, resource id or name.",
  access: onRegistration("Stampbook/completeness/read"),
  query: {
    from: "First hour, for example 2024-02-01T00:00:00Z; seven days before the end unless said.",
    to: `The hour after the last one, ${LIMITS.completenessHoursMax} hours after the first at most; the hour that is not over yet is the last unless said.`,
  },
  run: show,
};
