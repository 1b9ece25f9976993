import type { FastifyRequest } from "fastify";
import { formatCursor, parseCursor } from "../domain/usage/changes.ts";
import { foldedJsonText } from "../domain/usage/members.ts";
import type { Meters } from "../domain/usage/meters.ts";
import { formatRecordId } from "../domain/usage/recordId.ts";
import type { StoredEntry } from "../domain/usage/store.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatInstant, HOUR_MS } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { loadMeters } from "../operations/meters/read.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { settledBatch, usageChanges } from "../operations/usage/changes.ts";
import { limitOf, queryOf } from "./input.ts";
import { meterOut } from "./output.ts";
import { scopeOfRegistration } from "./registrationScope.ts";
import { invalid } from "./usageQuery.ts";

const entryOut = (entry: StoredEntry, meters: Meters) => ({
  entry: formatCursor(entry),
  batch: entry.batch,
  kind: entry.kind,
  adds: entry.sign === 1,
  counts: entry.held === "no",
  held: entry.held === "no" ? null : entry.held,
  record: formatRecordId(entry),
  content: entry.content,
  registration: entry.registration,
  localSubscription: entry.localSubscription,
  ...meterOut(entry.meter, meters),
  resourceUri: entry.resourceUri,
  location: entry.location,
  tags: foldedJsonText(entry.tags),
  additionalInfo: foldedJsonText(entry.additionalInfo),
  usageStartTime: formatInstant(entry.usageStartMs),
  usageEndTime: formatInstant(entry.usageStartMs + HOUR_MS),
  reportedStartTime: formatInstant(entry.reportedStartMs),
  reportedEndTime: formatInstant(entry.reportedEndMs),
  quantity: entry.quantity,
  delivery: entry.delivery,
  position: entry.position,
  recordedAt: formatInstant(entry.acceptedAtMs),
});

async function changes(context: Context, request: FastifyRequest): Promise<Answer> {
  const { control, clock } = context;
  const limit = limitOf(request);
  const wanted = queryOf(request, "registration");
  const of = wanted === undefined ? {} : { registration: (await findRegistration(control, wanted)).id };
  const text = queryOf(request, "cursor") ?? "0";
  const cursor = parseCursor(text);
  const settled = await settledBatch(context);
  if (cursor === undefined || cursor.batch > settled) {
    throw invalid("cursor", text.slice(0, 100), "it is none that was given here; begin without one");
  }
  const { entries, cursor: next, more } = await usageChanges(context, { cursor, settled, ...of, limit });
  const meters = await loadMeters(control, clock.now());
  return {
    status: 200,
    body: { value: entries.map((entry) => entryOut(entry, meters)), cursor: formatCursor(next), more },
  };
}

/** The ledger of usage, entry by entry, for whoever keeps a copy of it. */
export const USAGE_CHANGES_ROUTE: Route = {
  method: "GET",
  path: "/v1/usage/changes",
  summary: "What was delivered, withdrawn and chosen, entry by entry in the order of the ledger, from a cursor on.",
  access: {
    action: "Stampbook/usage/read",
    scope: (context, request) => scopeOfRegistration(context, queryOf(request, "registration") ?? ""),
    lookedUp: true,
  },
  query: {
    registration: "Of one registration only: number, cloud id, resource id or name. Needed by whoever may not see all.",
    cursor: "Where the answer before ended: its cursor. From the beginning unless said.",
    limit: "How many entries to give, 1,000 unless said.",
  },
  run: changes,
};
