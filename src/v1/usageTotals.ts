import type { FastifyRequest } from "fastify";
import { chooseLanguage, reportFault } from "../domain/faults/fault.ts";
import { type Hour, hourStartMs, type RegistrationId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { isConserved } from "../domain/usage/conservation.ts";
import { SUM_TIMES, type SumTime } from "../domain/usage/store.ts";
import { type Access, type Answer, callerOf, type Route } from "../http/route.ts";
import { toFault } from "../http/server.ts";
import { formatInstant } from "../lib/instant.ts";
import { auditedBy, type Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { usageConservation } from "../operations/usage/conservation.ts";
import { rollUp } from "../operations/usage/rollUp.ts";
import {
  TOTAL_DIMENSIONS,
  type TotalDimension,
  type TotalsQuery,
  type UsageTotalRow,
  type UsageTotals,
  usageTotals,
} from "../operations/usage/totals.ts";
import { instantQuery, queryOf, wholeOf } from "./input.ts";
import { meterOut } from "./output.ts";
import { scopeOfRegistration } from "./registrationScope.ts";
import { AS_OF, HOURS, hoursQuery, invalid, sightOf, tagName, whoseQuery } from "./usageQuery.ts";

const LINES_TYPE = "application/x-ndjson";

const oneOf = <Name extends string>(names: readonly Name[], text: string): Name | undefined =>
  names.find((name) => name.toLowerCase() === text.trim().toLowerCase());

function dimensionsQuery(request: FastifyRequest): readonly TotalDimension[] {
  const text = queryOf(request, "groupBy") ?? "";
  const named = text.split(",").filter((part) => part.trim() !== "");
  const by = named.map((part) => {
    if (part.trim().toLowerCase() === "meter") return undefined;
    const dimension = oneOf(TOTAL_DIMENSIONS, part);
    if (dimension !== undefined) return dimension;
    throw invalid("groupBy", text, `it may name meter, ${TOTAL_DIMENSIONS.join(", ")}`);
  });
  return [...new Set(by.filter((so) => so !== undefined))];
}

function timeQuery(request: FastifyRequest): SumTime | undefined {
  const text = queryOf(request, "by");
  if (text === undefined) return undefined;
  const time = oneOf(SUM_TIMES, text);
  if (time === undefined) throw invalid("by", text, `it must be ${SUM_TIMES.join(", ")}`);
  return time;
}

function tagQuery(request: FastifyRequest, by: readonly TotalDimension[]): string {
  const tag = queryOf(request, "tag");
  if (tag === undefined) {
    if (by.includes("tag")) throw invalid("tag", "", "the name of the tag is needed to group by it");
    return "";
  }
  if (!by.includes("tag")) throw invalid("tag", tag, "a tag is named to group by tag");
  return tagName(tag);
}

async function queryFrom(context: Context, request: FastifyRequest): Promise<TotalsQuery> {
  const by = dimensionsQuery(request);
  const nowMs = context.clock.now();
  const whose = await whoseQuery(context, request);
  return {
    ...hoursQuery(context, request),
    by,
    tag: tagQuery(request, by),
    time: timeQuery(request),
    asOfMs: Math.min(instantQuery(request, "asOf") ?? nowMs, nowMs),
    ...whose,
  };
}

const hourText = (hour: Hour): string => formatInstant(hourStartMs(hour));

function rowOut({ from, to, dimensions, meter, quantity, records, state, ...group }: UsageTotalRow, of: UsageTotals) {
  const { registration, ...others } = dimensions;
  const named =
    typeof registration === "number"
      ? { registration, registrationName: of.registration(registration as RegistrationId).name }
      : {};
  return {
    from: hourText(from),
    to: hourText(to),
    ...group,
    ...named,
    ...others,
    ...meterOut(meter, of.meters),
    quantity,
    records,
    state,
  };
}

const headOut = ({ from, to, asOfMs }: TotalsQuery, totals: UsageTotals) => ({
  from: hourText(from),
  to: hourText(to),
  asOf: formatInstant(asOfMs),
  lastBatch: totals.lastBatch,
  batchesNotCounted: totals.batchesNotCounted,
  freshness: totals.freshness.map(({ registration, reportedUntilMs }) => ({
    registration: registration.id,
    registrationName: registration.name,
    reportedUntil: reportedUntilMs === undefined ? null : formatInstant(reportedUntilMs),
  })),
});

async function totals(context: Context, request: FastifyRequest): Promise<Answer> {
  const query = await queryFrom(context, request);
  const limit = wholeOf("limit", queryOf(request, "limit"), {
    fallback: LIMITS.pageRowsMax,
    min: 1,
    max: LIMITS.totalRowsMax,
  });
  const offset = wholeOf("after", queryOf(request, "after"), { fallback: 0, min: 0, max: LIMITS.totalRowsStreamedMax });
  const found = await usageTotals(context, query, sightOf(context, callerOf(request)));
  if (request.headers.accept?.includes(LINES_TYPE) === true) {
    const language = chooseLanguage(request.headers["accept-language"]);
    const stream = await linesOf(query, found, (error) => reportFault(toFault(error, request), language));
    return { status: 200, headers: { "content-type": LINES_TYPE }, stream };
  }
  const rows = await found.rows({ offset, limit: limit + 1 });
  const truncated = rows.length > limit;
  const value = rows.slice(0, limit).map((row) => rowOut(row, found));
  const next = truncated ? { next: offset + limit } : {};
  return { status: 200, body: { ...headOut(query, found), value, truncated, ...next } };
}

async function* buffers(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;

/** The first part is read before the answer begins, so that what goes wrong there still has a status. */
async function linesOf(
  query: TotalsQuery,
  found: UsageTotals,
  reportOf: (error: unknown) => object,
): Promise<AsyncIterable<Buffer>> {
  const parts = found.parts()[Symbol.asyncIterator]();
  const first = await parts.next();
  async function* texts(): AsyncGenerator<string> {
    yield line({ totals: headOut(query, found) });
    let rows = 0;
    try {
      for (let part = first; part.done !== true; part = await parts.next()) {
        const told = part.value.slice(0, LIMITS.totalRowsStreamedMax - rows);
        rows += part.value.length;
        for (let from = 0; from < told.length; from += LIMITS.pageRowsMax) {
          const lines = told.slice(from, from + LIMITS.pageRowsMax);
          yield lines.map((row) => line(rowOut(row, found))).join("");
        }
      }
    } catch (error) {
      yield line({ error: reportOf(error) });
      return;
    }
    const truncated = rows > LIMITS.totalRowsStreamedMax;
    yield line({ end: { rows: Math.min(rows, LIMITS.totalRowsStreamedMax), truncated } });
  }
  return buffers(texts());
}

async function conservation(context: Context, request: FastifyRequest): Promise<Answer> {
  const nowMs = context.clock.now();
  const period = context.periods.named(queryOf(request, "period") ?? "");
  const wanted = queryOf(request, "registration");
  const registration = wanted === undefined ? undefined : (await findRegistration(context.control, wanted)).id;
  const asOfMs = Math.min(instantQuery(request, "asOf") ?? nowMs, nowMs);
  const found = await usageConservation(context, { period, registration, asOfMs });
  const value = found.lines.map(({ registration: id, meter, ...sides }) => ({
    registration: id,
    registrationName: found.registration(id).name,
    ...meterOut(meter, found.meters),
    ...sides,
  }));
  const { lastBatch, batchesNotCounted } = found;
  const conserved = found.lines.every(isConserved);
  return {
    status: 200,
    body: { period: period.name, asOf: formatInstant(asOfMs), lastBatch, batchesNotCounted, conserved, value },
  };
}

async function rollUpNow(context: Context, request: FastifyRequest): Promise<Answer> {
  const days = await rollUp(context);
  await context.control.audit.add({
    ...auditedBy(callerOf(request), context.clock.now()),
    action: "Stampbook/usage/rollUp",
    target: "/",
    outcome: "done",
    detail: { days },
  });
  return { status: 200, body: { days } };
}

const scopeOfQuery: Access["scope"] = (context, request) =>
  scopeOfRegistration(context, queryOf(request, "registration") ?? "");

/** Usage added up, and the proof that nothing is lost. */
export const USAGE_TOTAL_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/usage/totals",
    summary:
      "Usage that somebody pays for, added up by meter and more, exact and as of any moment: what the caller may see by registration or by payer. With Accept: application/x-ndjson, a first line of bounds, a line for each sum, and a last one.",
    access: "signed-in",
    query: {
      ...HOURS,
      groupBy: `Beside the meter, with commas between: ${TOTAL_DIMENSIONS.join(", ")}.`,
      by: `${SUM_TIMES.join(", ")}; one sum for all hours unless said.`,
      tag: "Name of the tag to group by.",
      registration: "Of one registration only: number, cloud id, resource id or name.",
      payer: "Of one payer only.",
      tenant: "Of one tenant only.",
      localSubscription: "Of one local subscription only.",
      meter: "Of one meter only.",
      ...AS_OF,
      limit: `How many sums to give, ${LIMITS.pageRowsMax} unless said; ${LIMITS.totalRowsMax} at most.`,
      after: "Where the page before ended: its next, together with its asOf.",
    },
    run: totals,
  },
  {
    method: "GET",
    path: "/v1/usage/conservation",
    summary: "Proof for a period: stored = attributed + parked, by registration and meter, at any moment.",
    access: { action: "Stampbook/usage/read", scope: scopeOfQuery, lookedUp: true },
    query: { period: HOURS.period.split(";")[0]!, registration: "Of one registration only.", ...AS_OF },
    run: conservation,
  },
  {
    method: "POST",
    path: "/v1/usage/roll-ups",
    summary: "Roll up now the days of usage that no batch has touched lately; it also happens by itself.",
    access: { action: "Stampbook/usage/rollUp/action" },
    run: rollUpNow,
  },
];
