import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Fault } from "../domain/faults/fault.ts";
import type { RegistrationId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import type { UsageBatch } from "../domain/usage/batch.ts";
import type { Meters } from "../domain/usage/meters.ts";
import { formatRecordId, parseRecordId } from "../domain/usage/recordId.ts";
import type { RecordRef, StoredEntry } from "../domain/usage/store.ts";
import { paramOf } from "../http/parameters.ts";
import { type Access, type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { loadMeters } from "../operations/meters/read.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import {
  chooseVersion,
  findBatch,
  listConflicts,
  type UsageConflict,
  withdrawBatch,
} from "../operations/usage/decide.ts";
import { bodyOf, limitOf, queryOf, wholeOf } from "./input.ts";
import { meterOut } from "./output.ts";
import { scopeOfRegistration } from "./registrationScope.ts";

const Reason = Type.Optional(Type.String({ maxLength: LIMITS.reasonCharsMax }));
const WithdrawalBody = Type.Object({ reason: Reason }, { additionalProperties: false });
const ChoiceBody = Type.Object({ content: Type.String(), reason: Reason }, { additionalProperties: false });

const NUMBER_MAX = 999_999_999_999;

const batchOut = (batch: UsageBatch) => {
  const { id, registration, decision, recordedBy, startedAtMs, finishedAtMs, counts, ended, withdrawnBy } = batch;
  const common = {
    batch: id,
    registration,
    recordedBy,
    startedAt: formatInstant(startedAtMs),
    finishedAt: finishedAtMs === null ? null : formatInstant(finishedAtMs),
  };
  if (decision === undefined) return { ...common, kind: "delivery", counts, withdrawnBy };
  const { kind, reason } = decision;
  if (kind === "withdrawal") return { ...common, kind, reason, delivery: decision.delivery, ended };
  return { ...common, kind, reason, record: formatRecordId(decision.record), content: decision.content, ended };
};

const versionOut = (entry: StoredEntry) => ({
  content: entry.content,
  counts: entry.held === "no",
  quantity: entry.quantity,
  location: entry.location,
  tags: entry.tags,
  additionalInfo: entry.additionalInfo,
  usageStartTime: formatInstant(entry.usageStartMs),
  batch: entry.delivery,
  position: entry.position,
  acceptedAt: formatInstant(entry.acceptedAtMs),
});

const conflictOut = ({ record, versions }: UsageConflict, meters: Meters) => {
  const first = versions[0];
  return {
    record: formatRecordId(record),
    registration: record.registration,
    localSubscription: first?.localSubscription ?? "",
    ...(first && meterOut(first.meter, meters)),
    resourceUri: first?.resourceUri ?? "",
    usageStartTime: formatInstant(record.usageStartMs),
    reportedStartTime: formatInstant(record.reportedStartMs),
    versions: versions.map(versionOut),
  };
};

/** @throws Fault RegistrationNotFound */
async function registrationQuery({ control }: Context, request: FastifyRequest): Promise<RegistrationId | undefined> {
  const wanted = queryOf(request, "registration");
  return wanted === undefined ? undefined : (await findRegistration(control, wanted)).id;
}

const batchParam = (request: FastifyRequest): number =>
  wholeOf("batch", paramOf(request, "batch"), { fallback: 0, min: 0, max: NUMBER_MAX });

function recordOf(parameter: string, text: string): RecordRef {
  const record = parseRecordId(text);
  if (record !== undefined) return record;
  const reason = "a record is named as lists name it";
  throw new Fault("InvalidParameter", { parameter, value: text, reason }, { target: parameter });
}

async function listBatches(context: Context, request: FastifyRequest): Promise<Answer> {
  const limit = limitOf(request);
  const registration = await registrationQuery(context, request);
  const before = wholeOf("before", queryOf(request, "before"), { fallback: 0, min: 0, max: NUMBER_MAX });
  const page = { limit, ...(registration === undefined ? {} : { registration }), ...(before > 0 ? { before } : {}) };
  const value = await context.control.batches.list(page);
  const next = value.length < limit ? {} : { next: value.at(-1)!.id };
  return { status: 200, body: { value: value.map(batchOut), ...next } };
}

async function withdraw(context: Context, request: FastifyRequest): Promise<Answer> {
  const { reason = "" } = bodyOf(request, WithdrawalBody);
  const batch = await withdrawBatch(context, callerOf(request), { batch: batchParam(request), reason });
  return { status: 200, body: batchOut(batch) };
}

async function conflicts(context: Context, request: FastifyRequest): Promise<Answer> {
  const limit = Math.min(limitOf(request), LIMITS.conflictsPageMax);
  const registration = await registrationQuery(context, request);
  const after = queryOf(request, "after");
  const page = {
    limit,
    ...(registration === undefined ? {} : { registration }),
    ...(after === undefined ? {} : { after: recordOf("after", after) }),
  };
  const value = await listConflicts(context, page);
  const next = value.length < limit ? {} : { next: formatRecordId(value.at(-1)!.record) };
  const meters = await loadMeters(context.control, context.clock.now());
  return { status: 200, body: { value: value.map((so) => conflictOut(so, meters)), ...next } };
}

async function choose(context: Context, request: FastifyRequest): Promise<Answer> {
  const record = recordOf("record", paramOf(request, "record"));
  const { content, reason = "" } = bodyOf(request, ChoiceBody);
  const choice = await chooseVersion(context, callerOf(request), { record, content, reason });
  return { status: 200, body: choice === undefined ? { record: formatRecordId(record), content } : batchOut(choice) };
}

const scopeOfQuery: Access["scope"] = (context, request) =>
  scopeOfRegistration(context, queryOf(request, "registration") ?? "");

/** Where a registration is of which only the number is known; `/` when there is none. */
async function scopeOfNumber({ control }: Context, id: RegistrationId | undefined): Promise<string> {
  const [found] = id === undefined ? [] : await control.registrations.findMany([id]);
  return found === undefined ? "/" : registrationResourceId(found);
}

const onBatch = (action: string): Access => ({
  action,
  scope: async (context, request) => {
    const text = paramOf(request, "batch");
    // What is no number belongs to nobody; the route itself says what is wrong with it.
    const batch = /^\d{1,12}$/.test(text) ? await context.control.batches.find(Number.parseInt(text, 10)) : undefined;
    return await scopeOfNumber(context, batch?.registration);
  },
  lookedUp: true,
});

const onRecord = (action: string): Access => ({
  action,
  scope: (context, request) => scopeOfNumber(context, parseRecordId(paramOf(request, "record"))?.registration),
  lookedUp: true,
});

const OF_REGISTRATION = { registration: "Of one registration only: number, cloud id, resource id or name." };

/** Deliveries of usage, and decisions on what they brought. */
export const USAGE_LEDGER_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/usage/batches",
    summary: "List deliveries of usage, withdrawals and choices, newest first.",
    access: { action: "Stampbook/usage/read", scope: scopeOfQuery, lookedUp: true },
    query: {
      ...OF_REGISTRATION,
      before: "Where the page before ended: its next.",
      limit: "How many to give, 1,000 unless said.",
    },
    run: listBatches,
  },
  {
    method: "GET",
    path: "/v1/usage/batches/:batch",
    summary: "Show a delivery of usage, a withdrawal or a choice.",
    access: onBatch("Stampbook/usage/read"),
    run: async (context, request) => ({ status: 200, body: batchOut(await findBatch(context, batchParam(request))) }),
  },
  {
    method: "POST",
    path: "/v1/usage/batches/:batch/withdrawal",
    summary: "Take a delivery back: its records count no more, and may come again.",
    access: onBatch("Stampbook/usage/withdraw/action"),
    body: WithdrawalBody,
    run: withdraw,
  },
  {
    method: "GET",
    path: "/v1/usage/conflicts",
    summary: "List records of which a later version waits for a choice, with all their versions.",
    access: { action: "Stampbook/usage/read", scope: scopeOfQuery, lookedUp: true },
    query: {
      ...OF_REGISTRATION,
      after: "Where the page before ended: its next.",
      limit: "How many to give, 100 unless said.",
    },
    run: conflicts,
  },
  {
    method: "POST",
    path: "/v1/usage/conflicts/:record/choice",
    summary: "Choose which version of a record counts; the others count and wait no more.",
    access: onRecord("Stampbook/usage/choose/action"),
    body: ChoiceBody,
    run: choose,
  },
];
