import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { chooseLanguage, Fault, type Language, reportFault } from "../domain/faults/fault.ts";
import { formatMeter, type Hour, hourStartMs } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { SheetDiff } from "../domain/rating/priceDiff.ts";
import { rowsOfSheet } from "../domain/rating/priceRowsOf.ts";
import { isVerified, type Price } from "../domain/rating/priceSheet.ts";
import { priceKey } from "../domain/rating/priceTerms.ts";
import { priceToJson } from "../domain/rating/priceJson.ts";
import type { SheetVersion } from "../domain/rating/store.ts";
import { paramOf } from "../http/parameters.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { usageBytes } from "../http/usageBody.ts";
import { formatDecimal } from "../lib/decimal.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { confirmPrice } from "../operations/prices/confirm.ts";
import { csvText } from "../operations/prices/csvFile.ts";
import {
  discardDraft,
  importDraft,
  type PriceFileFormat,
  PriceFileRefused,
  publishDraft,
} from "../operations/prices/drafts.ts";
import { rateCardText, versionText } from "../operations/prices/jsonFile.ts";
import { allVersions, confirmationsOf, diffVersions, versionOf, versionsOf } from "../operations/prices/versions.ts";
import { bodyOf, instantOf, nullable, queryOf, wholeOf } from "./input.ts";
import { meterOf } from "./meters.ts";

const reason = Type.String({ minLength: 1, maxLength: LIMITS.reasonCharsMax });
const PublishBody = Type.Object({ from: Type.String(), reason, correction: Type.Optional(Type.Boolean()) });
const ConfirmationBody = Type.Object({ commerceMeter: Type.String(), region: nullable, reason });

/** The hour that something counts from, as an instant; null: it has always counted, or counts for nothing yet. */
export const fromOut = (hour: Hour | undefined): string | null => (hour ? formatInstant(hourStartMs(hour)) : null);

const instantOrNull = (ms: number | undefined): string | null => (ms ? formatInstant(ms) : null);

const versionOut = ({ sheet, ...so }: SheetVersion) => ({
  sheet: sheet.id,
  version: sheet.version,
  state: so.state,
  from: fromOut(so.from),
  name: sheet.name,
  currency: sheet.currency,
  rounding: sheet.rounding,
  priceCount: sheet.prices.size,
  createdAt: instantOrNull(so.createdAtMs),
  createdBy: so.createdBy,
  publishedAt: instantOrNull(so.publishedAtMs),
  publishedBy: so.publishedBy ?? null,
  reason: so.reason,
});

const pricesOut = (price: Price) => ({ ...priceToJson(price), commerceMeter: formatMeter(price.commerceMeter) });

async function list(context: Context): Promise<Answer> {
  const sheets = Map.groupBy(await allVersions(context), ({ sheet }) => sheet.id);
  const value = [...sheets].map(([id, versions]) => {
    const { name, currency } = versions.at(-1)!.sheet;
    const published = versions.filter(({ state }) => state === "published").length;
    const builtIn = id === context.priceSheet.id;
    return { sheet: id, name, currency, builtIn, published, draft: published < versions.length };
  });
  return { status: 200, body: { value } };
}

async function versions(context: Context, request: FastifyRequest): Promise<Answer> {
  const value = (await versionsOf(context, paramOf(request, "sheet"))).map(versionOut);
  return { status: 200, body: { value } };
}

/** @throws Fault InvalidParameter */
const numberOf = (parameter: string, text: string | undefined): number =>
  wholeOf(parameter, text ?? "", { fallback: 0, min: 1, max: 999_999_999_999 });

const asked = (context: Context, request: FastifyRequest): Promise<SheetVersion> =>
  versionOf(context, paramOf(request, "sheet"), numberOf("version", paramOf(request, "version")));

async function show(context: Context, request: FastifyRequest): Promise<Answer> {
  const found = await asked(context, request);
  const { sheet } = found;
  const confirmations = await confirmationsOf(context.control, sheet);
  const confirmed = new Set(confirmations.map((so) => priceKey(so.commerceMeter, so.region)));
  const body = {
    ...versionOut(found),
    prices: [...sheet.prices].map(([key, price]) => {
      return { ...pricesOut(price), verified: isVerified(price) || confirmed.has(key) };
    }),
    capacityPackages: sheet.capacityPackages.map((so) => {
      return { ...so, corePricePerYear: formatDecimal(so.corePricePerYear) };
    }),
    commerceMeters: [...sheet.commerceMeters].map(([meter, commerceMeter]) => {
      return { meter: formatMeter(meter), commerceMeter: formatMeter(commerceMeter) };
    }),
    confirmations: confirmations.map((so) => ({
      commerceMeter: formatMeter(so.commerceMeter),
      region: so.region,
      reason: so.reason,
      recordedAt: formatInstant(so.recordedAtMs),
      recordedBy: so.recordedBy,
    })),
  };
  return { status: 200, body };
}

const JSON_TYPE = "application/json";

/** The shapes that a version goes out in, with their media types. */
const WRITERS: Readonly<Record<string, readonly [type: string, write: (version: SheetVersion) => string]>> = {
  csv: ["text/csv; charset=utf-8", ({ sheet }) => csvText(rowsOfSheet(sheet))],
  json: [JSON_TYPE, ({ sheet }) => versionText(sheet)],
  ratecard: [JSON_TYPE, ({ sheet, from }) => rateCardText(sheet, from)],
};

async function file(context: Context, request: FastifyRequest): Promise<Answer> {
  const found = await asked(context, request);
  const format = queryOf(request, "format") ?? "csv";
  const writer = Object.hasOwn(WRITERS, format) ? WRITERS[format] : undefined;
  if (writer === undefined) {
    const said = `one of ${Object.keys(WRITERS).join(", ")} is needed`;
    throw new Fault("InvalidParameter", { parameter: "format", value: format, reason: said }, { target: "format" });
  }
  const [type, write] = writer;
  return { status: 200, body: write(found), headers: { "content-type": type } };
}

const diffOut = ({ changes, prices }: SheetDiff) => ({
  changes,
  prices: prices.map((so) => ({ ...so, commerceMeter: formatMeter(so.commerceMeter) })),
});

async function diff(context: Context, request: FastifyRequest): Promise<Answer> {
  const sheet = paramOf(request, "sheet");
  const known = await versionsOf(context, sheet);
  const last = known.at(-1)!.sheet.version;
  const after = wholeOf("to", queryOf(request, "to"), { fallback: last, min: 1, max: 999_999_999_999 });
  const fallback = after > 1 ? after - 1 : 1;
  const before = wholeOf("from", queryOf(request, "from"), { fallback, min: 1, max: 999_999_999_999 });
  return {
    status: 200,
    body: { sheet, before, after, ...diffOut(await diffVersions(context, sheet, { before, after })) },
  };
}

const FORMATS: Readonly<Record<string, PriceFileFormat>> = { "text/csv": "csv", "application/json": "json" };

/** @throws Fault UnsupportedMediaType */
function formatOf(contentType: string | undefined): PriceFileFormat {
  const format = FORMATS[(contentType ?? "").split(";")[0]!.trim().toLowerCase()];
  if (format !== undefined) return format;
  const supported = Object.keys(FORMATS).join(" or ");
  throw new Fault("UnsupportedMediaType", { type: contentType ?? "none", supported });
}

/** What is wrong with a file, row by row. */
function fileFault({ problems, problemsOmitted }: PriceFileRefused, language: Language): Fault {
  const rows = problems.map(({ position, meter, fault }) => {
    const { code, message, remedy, target } = reportFault(fault, language);
    return { position, meter, column: target ?? null, code, message, remedy };
  });
  const info = { rows, rowsOmitted: problemsOmitted };
  return new Fault("PriceFileInvalid", { rows: rows.length + problemsOmitted }, { info });
}

async function importFile(context: Context, request: FastifyRequest): Promise<Answer> {
  const { headers, raw } = request;
  const format = formatOf(headers["content-type"]);
  const body = usageBytes(raw, headers["content-encoding"]);
  try {
    const result = await importDraft(context, callerOf(request), { sheet: paramOf(request, "sheet"), body, format });
    const { sheet, replaced } = result;
    const { id, version, name, currency, prices } = sheet;
    const changed = result.diff === undefined ? null : diffOut(result.diff);
    const told = { sheet: id, version, name, currency, priceCount: prices.size, replaced, diff: changed };
    return { status: replaced ? 200 : 201, body: told };
  } catch (error) {
    if (error instanceof PriceFileRefused) throw fileFault(error, chooseLanguage(headers["accept-language"]));
    throw error;
  }
}

async function discard(context: Context, request: FastifyRequest): Promise<Answer> {
  const discarded = await discardDraft(context, callerOf(request), paramOf(request, "sheet"));
  return { status: discarded ? 200 : 204 };
}

async function publish(context: Context, request: FastifyRequest): Promise<Answer> {
  const body = bodyOf(request, PublishBody);
  const sheet = paramOf(request, "sheet");
  const { version, from } = await publishDraft(context, callerOf(request), {
    sheet,
    fromMs: instantOf("from", body.from),
    reason: body.reason,
    isCorrection: body.correction ?? false,
  });
  return { status: 200, body: { sheet, version, from: fromOut(from) } };
}

async function confirm(context: Context, request: FastifyRequest): Promise<Answer> {
  const body = bodyOf(request, ConfirmationBody);
  const [sheet, version] = [paramOf(request, "sheet"), numberOf("version", paramOf(request, "version"))];
  const commerceMeter = meterOf("commerceMeter", body.commerceMeter);
  const region = body.region || null;
  const confirming = { sheet, version, commerceMeter, region, reason: body.reason };
  const changed = await confirmPrice(context, callerOf(request), confirming);
  return { status: 200, body: { sheet, version, commerceMeter: formatMeter(commerceMeter), region, changed } };
}

const SHEETS = "/v1/price-sheets";
const SHEET = `${SHEETS}/:sheet`;
const VERSION = `${SHEET}/versions/:version`;
const READ = { action: "Stampbook/priceSheets/read" };
const WRITE = { action: "Stampbook/priceSheets/write" };

/** Price sheets, their versions and the files that they come in and go out as. */
export const PRICE_SHEET_ROUTES: readonly Route[] = [
  { method: "GET", path: SHEETS, summary: "List the price sheets.", access: READ, run: list },
  {
    method: "GET",
    path: `${SHEET}/versions`,
    summary: "List the versions of a price sheet: which counts from when on, and who published it.",
    access: READ,
    run: versions,
  },
  { method: "GET", path: VERSION, summary: "Show a version of a price sheet.", access: READ, run: show },
  {
    method: "GET",
    path: `${VERSION}/file`,
    summary: "A version as a file from which the same version can be imported again.",
    access: READ,
    query: { format: "csv, json or ratecard; csv unless given." },
    run: file,
  },
  {
    method: "GET",
    path: `${SHEET}/diff`,
    summary: "What one version says otherwise than another, meter by meter.",
    access: READ,
    query: { from: "The version before; the one before `to` unless given.", to: "The newest unless given." },
    run: diff,
  },
  {
    method: "PUT",
    path: `${SHEET}/draft`,
    summary: "Make a file the draft of a price sheet; all of it or nothing. A draft that is there is replaced.",
    access: WRITE,
    streams:
      "text/csv: a header and a row a tier; application/json: a version as it is exported, or a rate card. Plain, gzip or zstd.",
    run: importFile,
  },
  {
    method: "DELETE",
    path: `${SHEET}/draft`,
    summary: "Discard the draft of a price sheet.",
    access: WRITE,
    run: discard,
  },
  {
    method: "POST",
    path: `${SHEET}/draft/publish`,
    summary: "Make the draft a version that counts from an hour on and never changes.",
    access: WRITE,
    body: PublishBody,
    run: publish,
  },
  {
    method: "POST",
    path: `${VERSION}/confirmations`,
    summary: "Stand by a price that no published source backs.",
    access: WRITE,
    body: ConfirmationBody,
    run: confirm,
  },
];
