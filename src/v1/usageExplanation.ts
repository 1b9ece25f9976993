import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import type { EffectiveChange } from "../domain/history.ts";
import { formatMeter, hourOf, hourStartMs, localSubscriptionId, meterId } from "../domain/ids.ts";
import type { Classified } from "../domain/statement/classify.ts";
import { formatRecordId } from "../domain/usage/recordId.ts";
import type { RecordSearch, StoredEntry } from "../domain/usage/store.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatDecimal } from "../lib/decimal.ts";
import { formatFraction } from "../lib/fraction.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { type ExplainedRecord, explainUsage, hourRule } from "../operations/usage/explain.ts";
import { instantOf, instantQuery, queryOf, wholeOf } from "./input.ts";
import { scopeOfRegistration } from "./registrationScope.ts";

const NUMBER_MAX = 999_999_999_999;

function needed<Value>(request: FastifyRequest, parameter: string, parse: (text: string) => Value | undefined): Value {
  const text = queryOf(request, parameter) ?? "";
  const value = parse(text);
  if (value !== undefined) return value;
  const reason = "a record is named by batch and position, or by localSubscription, meter and hour";
  throw new Fault("InvalidParameter", { parameter, value: text, reason }, { target: parameter });
}

/** @throws Fault RegistrationNotFound, InvalidParameter */
async function searchOf({ control }: Context, request: FastifyRequest): Promise<RecordSearch> {
  const registration = (await findRegistration(control, queryOf(request, "registration") ?? "")).id;
  const bounds = { fallback: 0, min: 1, max: NUMBER_MAX };
  if (queryOf(request, "batch") !== undefined) {
    const batch = wholeOf("batch", queryOf(request, "batch"), bounds);
    return { registration, batch, position: wholeOf("position", queryOf(request, "position"), bounds) };
  }
  const resource = queryOf(request, "resource");
  return {
    registration,
    localSubscription: needed(request, "localSubscription", localSubscriptionId),
    meter: needed(request, "meter", meterId),
    hour: hourOf(needed(request, "hour", (text) => (text === "" ? undefined : instantOf("hour", text)))),
    ...(resource === undefined ? {} : { resource }),
  };
}

const changeOut = (change: EffectiveChange | undefined) =>
  change === undefined ? null : { id: change.id, recordedBy: change.recordedBy, ...hourRule(change) };

const becomesOut = (becomes: Classified | undefined) => {
  if (becomes === undefined) return { outcome: "ended", reason: null, payer: null };
  if (becomes.kind === "parked") return { outcome: "parked", reason: becomes.reason, payer: null };
  return { outcome: becomes.kind, reason: becomes.kind === "unpriced" ? becomes.reason : null, payer: becomes.payer };
};

const entryOut = ({ kind, sign, held, quantity, content, batch, delivery, position, acceptedAtMs }: StoredEntry) => ({
  kind,
  adds: sign === 1,
  held: held === "no" ? null : held,
  quantity,
  content,
  batch,
  delivery,
  position,
  recordedAt: formatInstant(acceptedAtMs),
});

function recordOut({ record, hour, meter, entries, versions, attributed, withoutMapping, pricing }: ExplainedRecord) {
  const { localSubscription, meter: id, resourceUri, reportedEndMs } = entries[0]!;
  const { price, change } = pricing;
  return {
    record: formatRecordId(record),
    registration: record.registration,
    localSubscription,
    meter: formatMeter(id),
    meterName: meter?.name ?? "unknown meter",
    unit: meter?.unit ?? "unknown unit",
    resourceUri,
    usageHour: formatInstant(hourStartMs(hour)),
    reportedStart: formatInstant(record.reportedStartMs),
    reportedEnd: formatInstant(reportedEndMs),
    entries: entries.map(entryOut),
    versions: versions.map(({ entry, becomes }) => ({
      content: entry.content,
      quantity: entry.quantity,
      batch: entry.delivery,
      position: entry.position,
      ...becomesOut(becomes),
    })),
    tenant: attributed?.tenant ?? null,
    localSubscriptionChange: changeOut(attributed?.local.change),
    payer: attributed?.payer.subscription ?? null,
    by: attributed?.payer.by ?? null,
    mappingChange: changeOut(attributed?.payer.interval?.change),
    withoutMapping: withoutMapping.subscription,
    billingModel: attributed?.billingModel ?? null,
    billingModelChange: changeOut(attributed?.model?.change),
    commerceMeter: formatMeter(pricing.commerceMeter),
    factor: formatFraction(pricing.factor),
    meterMappingChange: changeOut(change),
    price:
      price === undefined
        ? null
        : {
            name: price.name,
            unit: price.unit,
            free: price.free,
            firstTier: formatDecimal(price.tiers[0]!.unitPrice),
          },
  };
}

async function explain(context: Context, request: FastifyRequest): Promise<Answer> {
  const asOf = instantQuery(request, "asOf") ?? context.clock.now();
  const { records, isCut, knownUntilMs } = await explainUsage(context, await searchOf(context, request), asOf);
  return {
    status: 200,
    body: { knownUntil: formatInstant(knownUntilMs), value: records.map(recordOut), more: isCut },
  };
}

export const USAGE_EXPLANATION_ROUTE: Route = {
  method: "GET",
  path: "/v1/usage/explain",
  summary: "Why usage of one hour is on whose bill, or waits: its versions, tenant, mapping, billing model and price.",
  access: {
    action: "Stampbook/usage/read",
    scope: (context, request) => scopeOfRegistration(context, queryOf(request, "registration") ?? ""),
    lookedUp: true,
  },
  query: {
    registration: "Whose usage it is: number, cloud id, resource id or name.",
    batch: "The batch that brought the record, with position; or instead:",
    position: "Where it stood in that batch, counting from 1.",
    localSubscription: "The local subscription, with meter and hour.",
    meter: "The meter.",
    hour: "An instant in the usage hour.",
    resource: "The resource's URI, in any case; all resources of that hour unless given.",
    asOf: "As it was known at this instant; now unless given.",
  },
  run: explain,
};
