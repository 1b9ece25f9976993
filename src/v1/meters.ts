import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { Fault } from "../domain/faults/fault.ts";
import { formatMeter, type Hour, hourOf, type MeterId, meterId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { pricingOf } from "../domain/rating/pricing.ts";
import { CUSTOM_WORKER_TIER, METERS, type MeterFacts } from "../domain/usage/meterCatalogue.ts";
import type { MeterMapping, MeterMappingChange, OperatorMeterChange } from "../domain/usage/operatorMeter.ts";
import { paramOf } from "../http/parameters.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatFraction, ONE, parseFraction } from "../lib/fraction.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { loadMeters } from "../operations/meters/read.ts";
import { loadPriceBook } from "../operations/prices/read.ts";
import type { Knowledge } from "../operations/statements/classified.ts";
import { mapMeter, putMeter } from "../operations/meters/write.ts";
import { bodyOf, instantOf, instantQuery, nullable } from "./input.ts";
import { validFromOut } from "./localSubscriptions.ts";

const text = Type.String({ minLength: 1, maxLength: LIMITS.catalogueTextCharsMax });
const decision = {
  reason: Type.String({ minLength: 1, maxLength: LIMITS.reasonCharsMax }),
  validFrom: nullable,
};

const MeterBody = Type.Object({
  name: text,
  unit: Type.Optional(text),
  resourceProvider: Type.Optional(text),
  serviceCategory: Type.Optional(text),
  serviceSubcategory: Type.Optional(text),
  serviceName: Type.Optional(text),
  consumedUnit: Type.Optional(text),
  ...decision,
});

const MeterMappingBody = Type.Object({ commerceMeter: nullable, factor: nullable, ...decision });

/** @throws Fault InvalidParameter */
export function meterOf(parameter: string, given: string): MeterId {
  const id = meterId(given);
  if (id !== undefined) return id;
  const reason = "a meter id of up to 64 letters, digits and hyphens is needed";
  throw new Fault("InvalidParameter", { parameter, value: given, reason }, { target: parameter });
}

const factsOut = ({ name, unit, resourceProvider, focus }: MeterFacts) => ({ name, unit, resourceProvider, ...focus });

function meterOut(prices: Pick<Knowledge, "book" | "meters">, meter: MeterId, hour: Hour) {
  const { book, meters } = prices;
  const facts = meters.factsOf(meter);
  const { commerceMeter, factor, price, change } = pricingOf(
    prices,
    book.termsOfEveryone("customer", hour),
    meter,
    hour,
  );
  return {
    meter: formatMeter(meter),
    status: METERS.get(meter)?.status ?? "operator",
    ...(facts === undefined ? { name: "unknown meter", unit: "unknown unit" } : factsOut(facts)),
    commerceMeter: formatMeter(commerceMeter),
    factor: formatFraction(factor),
    mappedBy: change?.mapping ? "operator" : commerceMeter === meter ? "nobody" : "price sheet",
    priced: price !== undefined,
  };
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const nowMs = context.clock.now();
  const knownUntilMs = instantQuery(request, "asOf") ?? nowMs;
  const meters = await loadMeters(context.control, knownUntilMs);
  const book = await loadPriceBook(context, knownUntilMs);
  const hour = hourOf(instantQuery(request, "at") ?? nowMs);
  const ids = new Set([...METERS.keys(), ...meters.touched()]);
  return { status: 200, body: { value: [...ids].map((meter) => meterOut({ book, meters }, meter, hour)) } };
}

async function put(context: Context, request: FastifyRequest): Promise<Answer> {
  const meter = meterOf("meter", paramOf(request, "meter"));
  const body: Static<typeof MeterBody> = bodyOf(request, MeterBody);
  const { name, unit = CUSTOM_WORKER_TIER.unit, resourceProvider, reason } = body;
  const known = CUSTOM_WORKER_TIER.focus;
  const facts: MeterFacts = {
    name,
    unit,
    resourceProvider: resourceProvider ?? CUSTOM_WORKER_TIER.resourceProvider,
    focus: {
      serviceCategory: body.serviceCategory ?? known.serviceCategory,
      serviceSubcategory: body.serviceSubcategory ?? known.serviceSubcategory,
      serviceName: body.serviceName ?? known.serviceName,
      consumedUnit: body.consumedUnit ?? (unit === CUSTOM_WORKER_TIER.unit ? known.consumedUnit : unit),
    },
  };
  const validFromMs = body.validFrom ? instantOf("validFrom", body.validFrom) : undefined;
  const changed = await putMeter(context, callerOf(request), { meter, reason, validFromMs }, facts);
  return { status: 200, body: { meter: formatMeter(meter), ...factsOut(facts), changed } };
}

/** @throws Fault InvalidParameter, ConversionFactorInvalid */
function mappingIn({ commerceMeter, factor }: Static<typeof MeterMappingBody>): MeterMapping | null {
  if (!commerceMeter) return null;
  const exact = factor ? parseFraction(factor) : ONE;
  if (exact === undefined) throw new Fault("ConversionFactorInvalid", { factor: factor ?? "" });
  return { commerceMeter: meterOf("commerceMeter", commerceMeter), factor: exact };
}

const mappingOut = (mapping: MeterMapping | null) => ({
  commerceMeter: mapping && formatMeter(mapping.commerceMeter),
  factor: mapping && formatFraction(mapping.factor),
});

async function map(context: Context, request: FastifyRequest): Promise<Answer> {
  const meter = meterOf("meter", paramOf(request, "meter"));
  const body = bodyOf(request, MeterMappingBody);
  const mapping = mappingIn(body);
  const validFromMs = body.validFrom ? instantOf("validFrom", body.validFrom) : undefined;
  const changed = await mapMeter(context, callerOf(request), { meter, reason: body.reason, validFromMs }, mapping);
  return { status: 200, body: { meter: formatMeter(meter), ...mappingOut(mapping), changed } };
}

const recordingOut = (change: OperatorMeterChange | MeterMappingChange) => ({
  id: change.id,
  validFrom: validFromOut(change),
  recordedAt: formatInstant(change.recordedAtMs),
  recordedBy: change.recordedBy,
  reason: change.reason,
});

async function history({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const meter = meterOf("meter", paramOf(request, "meter"));
  const changes = await control.meters.changes();
  const own = <Change extends { readonly meter: MeterId }>(all: readonly Change[]) =>
    all.filter((change) => change.meter === meter).slice(-LIMITS.pageRowsMax);
  return {
    status: 200,
    body: {
      meter: formatMeter(meter),
      facts: own(changes.meters).map((change) => ({ ...factsOut(change), ...recordingOut(change) })),
      mappings: own(changes.mappings).map((change) => ({ ...mappingOut(change.mapping), ...recordingOut(change) })),
    },
  };
}

const METER = "/v1/meters/:meter";
const READ = { action: "Stampbook/meters/read" };
const WRITE = { action: "Stampbook/meters/write" };

/** What stamps count, and what prices it. */
export const METER_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/meters",
    summary: "List the meters that are known, with the commerce meter that prices each.",
    access: READ,
    query: {
      at: "How they are priced in the usage hour of this instant; the running hour unless given.",
      asOf: "What was known at this instant; now unless given.",
    },
    run: list,
  },
  {
    method: "PUT",
    path: METER,
    summary: "Add a meter, or change one that was added. Usage that waited for it is billable then.",
    access: WRITE,
    body: MeterBody,
    run: put,
  },
  {
    method: "PUT",
    path: `${METER}/mapping`,
    summary:
      "Say which commerce meter prices a meter and how many of its units one unit is; null: as the price sheet says.",
    access: WRITE,
    body: MeterMappingBody,
    run: map,
  },
  {
    method: "GET",
    path: `${METER}/history`,
    summary: "Every change of a meter and of its mapping, in the order of recording.",
    access: READ,
    run: history,
  },
];
