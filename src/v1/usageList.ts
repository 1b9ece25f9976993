import type { FastifyRequest } from "fastify";
import { hourStartMs } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { ListedFilter, ListedPlace } from "../domain/usage/listed.ts";
import { foldedJsonText } from "../domain/usage/members.ts";
import { formatRecordId } from "../domain/usage/recordId.ts";
import { askedBefore, pageToken } from "../http/pageToken.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant, HOUR_MS } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import {
  type AttributedRecord,
  listUsage,
  type UsageFilter,
  type UsagePage,
  type UsageSnapshot,
  usageSnapshot,
} from "../operations/usage/listed.ts";
import { instantQuery, limitOf, queryOf } from "./input.ts";
import { meterOut } from "./output.ts";
import { AS_OF, HOURS, hoursQuery, invalid, sightOf, tagName, whoseQuery } from "./usageQuery.ts";

const PATH = "/v1/usage";

/** Everything that a page follows from; it is what a token holds. */
interface Asked {
  readonly filter: UsageFilter;
  readonly snapshot: UsageSnapshot;
  readonly limit: number;
  readonly after?: ListedPlace;
}

/** @throws Fault InvalidParameter */
function textQuery(request: FastifyRequest, name: string, charsMax: number): string | undefined {
  const text = queryOf(request, name);
  if (text !== undefined && text.length > charsMax) {
    throw invalid(name, text.slice(0, 100), `a text of ${charsMax} characters at most is needed`);
  }
  return text;
}

function tagQuery(request: FastifyRequest): ListedFilter["tag"] {
  const name = queryOf(request, "tag");
  const value = textQuery(request, "tagValue", LIMITS.tagNameCharsMax);
  if (name !== undefined) return { name: tagName(name), ...(value === undefined ? {} : { value }) };
  if (value !== undefined) throw invalid("tagValue", value, "the name of the tag is needed too");
  return undefined;
}

/** @throws Fault InvalidParameter, PeriodInvalid, RegistrationNotFound */
async function askedOf(context: Context, request: FastifyRequest): Promise<Asked> {
  const token = queryOf(request, "after");
  if (token !== undefined) {
    const asked = await askedBefore<Asked>(context, request, { path: PATH, token });
    if (asked !== undefined) return asked;
    throw invalid("after", token.slice(0, 100), "it is no next that this caller got; begin without one");
  }
  const nowMs = context.clock.now();
  const whose = await whoseQuery(context, request);
  const resource = textQuery(request, "resource", LIMITS.resourceUriCharsMax);
  const tag = tagQuery(request);
  const { from, to } = hoursQuery(context, request);
  return {
    filter: {
      from,
      to,
      ...whose,
      ...(resource === undefined ? {} : { resource }),
      ...(tag === undefined ? {} : { tag }),
    },
    snapshot: await usageSnapshot(context, Math.min(instantQuery(request, "asOf") ?? nowMs, nowMs)),
    limit: limitOf(request),
  };
}

function recordOut(record: AttributedRecord, page: UsagePage, meter: ReturnType<typeof meterOut>): unknown {
  const { registration, attributed, waits, decision } = record;
  const { subscription = null, by = null, interval } = attributed?.payer ?? {};
  return {
    record: formatRecordId(record),
    content: record.content,
    registration,
    registrationName: page.registration(registration).name,
    localSubscription: record.localSubscription,
    tenant: attributed?.tenant ?? null,
    payer: subscription,
    paysBy: by,
    mapping: interval?.change.id ?? null,
    ...meter,
    resourceUri: record.resourceUri,
    location: record.location,
    tags: foldedJsonText(record.tags),
    additionalInfo: foldedJsonText(record.additionalInfo),
    usageStartTime: formatInstant(record.usageStartMs),
    usageEndTime: formatInstant(record.usageStartMs + HOUR_MS),
    reportedStartTime: formatInstant(record.reportedStartMs),
    reportedEndTime: formatInstant(record.reportedEndMs),
    quantity: record.quantity,
    status: waits === undefined ? "counted" : "parked",
    reason: waits ?? null,
    state: record.state,
    batch: record.delivery,
    position: record.position,
    acceptedAt: formatInstant(record.acceptedAtMs),
    decision: decision === 0 ? null : decision,
  };
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const asked = await askedOf(context, request);
  const { filter, snapshot } = asked;
  const page = await listUsage(context, asked, sightOf(context, callerOf(request)));
  const meters = new Map(
    [...new Set(page.records.map(({ meter }) => meter))].map((so) => [so, meterOut(so, page.meters)]),
  );
  const next =
    page.last === undefined
      ? {}
      : { next: await pageToken(context, request, { path: PATH, asked: { ...asked, after: page.last } }) };
  return {
    status: 200,
    body: {
      from: formatInstant(hourStartMs(filter.from)),
      to: formatInstant(hourStartMs(filter.to)),
      asOf: formatInstant(snapshot.asOfMs),
      lastBatch: snapshot.lastBatch,
      value: page.records.map((record) => recordOut(record, page, meters.get(record.meter)!)),
      ...next,
    },
  };
}

/** Stored usage, record by record. */
export const USAGE_LIST_ROUTE: Route = {
  method: "GET",
  path: PATH,
  summary:
    "Usage records that count or wait, by usage hour, with who pays for each: what the caller may see by registration or by payer.",
  access: "signed-in",
  query: {
    ...HOURS,
    registration: "Of one registration only: number, cloud id, resource id or name.",
    payer: "Of one payer only.",
    tenant: "Of one tenant only.",
    localSubscription: "Of one local subscription only.",
    meter: "Of one meter only.",
    resource: "Of one resource only, and of what is under it: its URI, in any case.",
    tag: "Only of resources with a tag of this name.",
    tagValue: "And only with this value.",
    ...AS_OF,
    limit: "How many to give, 1,000 unless said.",
    after: "Where the page before ended: its next. The whole query is in it; what is sent beside it does not count.",
  },
  run: list,
};
