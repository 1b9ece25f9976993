import type { FastifyRequest } from "fastify";
import { COMMERCE } from "../arm/apiVersions.ts";
import { queryOf } from "../arm/request.ts";
import { instanceDataText } from "../domain/commerce/instanceData.ts";
import { hubQuantity } from "../domain/commerce/quantityText.ts";
import { readReportedRange, UNIT_MS } from "../domain/commerce/reportedRange.ts";
import type { SubscriptionId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { ReportedPlace, ReportedRow, ReportedUnit } from "../domain/usage/store.ts";
import type { Answer } from "../http/route.ts";
import { exactNumber } from "../lib/exactJson.ts";
import { formatInstant } from "../lib/instant.ts";
import {
  mustHaveReported,
  type Reporters,
  reportedUsage,
  type Snapshot,
  snapshotNow,
} from "../operations/commerce/reported.ts";
import type { Context } from "../operations/context.ts";
import { type Asked, continuedFrom, nextLinkOf } from "./continuation.ts";

/** Parameters of both usage routes, for the reference. */
export const USAGE_QUERY = {
  reportedStartTime: "Inclusive: a whole hour for Hourly, a midnight for Daily, in UTC.",
  reportedEndTime: "Exclusive, and not in the future.",
  aggregationGranularity: "Daily unless said, or Hourly.",
  showDetails: "Taken and ignored.",
  continuationToken: "From a nextLink; the other parameters are in it, and what is sent beside it does not count.",
};

/** A parameter that is empty is none (contract/usage.md §1). */
export const given = (request: FastifyRequest, name: string): string | undefined => queryOf(request, name) || undefined;

/** Whose usage is asked for, and where; each face finds it in its own way. */
export interface Collection {
  readonly subscription: SubscriptionId;
  /** Of the collection, in its plain spelling. */
  readonly path: string;
  readonly reporters: (asked: Asked, snapshot: Snapshot) => Promise<Reporters>;
}

/**
 * A page of usage by reported time.
 * @throws Fault InvalidProperty, InvalidAggregationGranularity, RequestEndTimeIsInFuture, ProcessingNotComplete
 */
export async function usagePage(context: Context, request: FastifyRequest, of: Collection): Promise<Answer> {
  const { subscription, path, reporters } = of;
  const asked = await askedOf(context, request, path);
  const { range } = asked;
  const snapshot = asked.snapshot ?? (await snapshotNow(context));
  const from = await reporters(asked, snapshot);
  if (asked.snapshot === undefined) {
    await mustHaveReported(context, snapshot, { range, registrations: from.registrations });
  }
  const limit = LIMITS.pageRowsMax;
  const after = asked.after && { after: asked.after };
  const rows = await reportedUsage(context, { ...from, range, snapshot, ...after, limit: limit + 1 });
  const value = rows.slice(0, limit).map((row) => recordBody(subscription, row, range.unit));
  if (rows.length <= limit) return { status: 200, body: { value } };
  const next = { ...asked, snapshot, after: placeOf(rows[limit - 1]!) };
  return { status: 200, body: { value, nextLink: await nextLinkOf(context, request, { path, asked: next }) } };
}

async function askedOf(context: Context, request: FastifyRequest, path: string): Promise<Asked> {
  const token = given(request, "continuationtoken");
  if (token !== undefined) return await continuedFrom(context, request, { path, token });
  const range = readReportedRange(
    {
      start: given(request, "reportedstarttime"),
      end: given(request, "reportedendtime"),
      granularity: given(request, "aggregationgranularity"),
    },
    context.clock.now(),
  );
  return { range, subscriber: given(request, "subscriberid") ?? "" };
}

const placeOf = (row: ReportedRow): ReportedPlace => {
  const { unitMs, registration, localSubscription, usageStartMs, series, event, content } = row;
  return { unitMs, registration, localSubscription, usageStartMs, series, event, content };
};

/** Hubs write the offset of UTC out. */
const hubTime = (ms: number): string => formatInstant(ms).replace(/Z$/, "+00:00");

/** The order of the members is a Hub's; `id` names the caller's subscription, and is not unique (contract/usage.md §3). */
export function recordBody(subscription: SubscriptionId, row: ReportedRow, unit: ReportedUnit): unknown {
  const name = `${row.localSubscription}-${row.meterAsSent}`;
  return {
    id: `/subscriptions/${subscription}/providers/${COMMERCE}/UsageAggregate/${name}`,
    name,
    type: `${COMMERCE}/UsageAggregate`,
    properties: {
      subscriptionId: row.localSubscription,
      usageStartTime: hubTime(row.usageStartMs),
      usageEndTime: hubTime(row.usageStartMs + UNIT_MS[unit]),
      instanceData: instanceDataText(row),
      quantity: exactNumber(hubQuantity(row.quantity)),
      meterId: row.meterAsSent,
      name,
    },
  };
}
