import type { FastifyRequest } from "fastify";
import { catalogueEntry } from "../domain/catalogue/row.ts";
import { chooseLanguage, Fault, type Language, reportFault } from "../domain/faults/fault.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { usageBytes } from "../http/usageBody.ts";
import { formatInstant } from "../lib/instant.ts";
import { entryHistory, findEntry, putEntry, removeEntry } from "../operations/catalogue/entries.ts";
import { type ImportResult, importCatalogue, putEntries } from "../operations/catalogue/import.ts";
import type { CatalogueFormat } from "../operations/catalogue/rows.ts";
import type { Context } from "../operations/context.ts";
import { paramOf } from "../http/parameters.ts";
import { bodyOf, CatalogueBody, CatalogueEntryBody, catalogueRows, limitOf, numberAfter, queryOf } from "./input.ts";

async function list({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const limit = limitOf(request);
  const value = await control.catalogue.page({ after: (queryOf(request, "after") ?? "").toLowerCase(), limit });
  const next = value.length < limit ? {} : { next: value.at(-1)!.subscription };
  return { status: 200, body: { value, ...next } };
}

async function put({ control, clock }: Context, request: FastifyRequest): Promise<Answer> {
  const rows = catalogueRows(bodyOf(request, CatalogueBody));
  await control.transaction((stores) => putEntries(stores, callerOf(request), clock.now(), rows));
  return { status: 200, body: { stored: rows.length } };
}

async function show({ control }: Context, request: FastifyRequest): Promise<Answer> {
  return { status: 200, body: await findEntry(control, paramOf(request, "subscription")) };
}

async function putOne(context: Context, request: FastifyRequest): Promise<Answer> {
  const fields = bodyOf(request, CatalogueEntryBody);
  const entry = catalogueEntry({ ...fields, subscription: paramOf(request, "subscription") });
  const outcome = await putEntry(context, callerOf(request), entry);
  return { status: outcome === "added" ? 201 : 200, body: { ...entry, outcome } };
}

async function remove(context: Context, request: FastifyRequest): Promise<Answer> {
  const removed = await removeEntry(context, callerOf(request), paramOf(request, "subscription"));
  return { status: removed ? 200 : 204 };
}

async function history({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const limit = limitOf(request);
  const after = numberAfter(request);
  const changes = await entryHistory(control, paramOf(request, "subscription"), { after, limit });
  const value = changes.map(({ id, actor, recordedAtMs, content }) => {
    return { id, actor, recordedAt: formatInstant(recordedAtMs), content };
  });
  const next = value.length < limit ? {} : { next: value.at(-1)!.id };
  return { status: 200, body: { value, ...next } };
}

const FORMATS: Readonly<Record<string, CatalogueFormat>> = {
  "text/csv": "csv",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
};

/** @throws Fault UnsupportedMediaType */
function formatOf(contentType: string | undefined): CatalogueFormat {
  const format = FORMATS[(contentType ?? "").split(";")[0]!.trim().toLowerCase()];
  if (format !== undefined) return format;
  const supported = "text/csv or application/x-ndjson";
  throw new Fault("UnsupportedMediaType", { type: contentType ?? "none", supported });
}

const importOut = ({ counts, rows, rowsOmitted }: ImportResult, language: Language) => ({
  counts,
  rows: rows.map(({ fault, ...row }) => {
    if (fault === undefined) return row;
    const { code, message, remedy, target } = reportFault(fault, language);
    return { ...row, code, message, remedy, ...(target === undefined ? {} : { column: target }) };
  }),
  rowsOmitted,
});

async function importRows(context: Context, request: FastifyRequest): Promise<Answer> {
  const result = await importCatalogue(context, callerOf(request), {
    format: formatOf(request.headers["content-type"]),
    body: usageBytes(request.raw, request.headers["content-encoding"]),
  });
  const body = importOut(result, chooseLanguage(request.headers["accept-language"]));
  if (result.fault === undefined) return { status: 200, body };
  // Some rows may be in the catalogue already; the refusal says which.
  const { code, params, target } = result.fault;
  throw new Fault(code, params, { info: body, ...(target === undefined ? {} : { target }) });
}

const CATALOGUE = "/v1/catalogue/subscriptions";
const ENTRY = `${CATALOGUE}/:subscription`;
const READ = { action: "Stampbook/catalogue/read" };
const WRITE = { action: "Stampbook/catalogue/write" };
const PAGE = {
  after: "Where the page before ended: its next.",
  limit: "How many to give, 1,000 unless said.",
};

/** The partner catalogue: who owns which subscription. */
export const CATALOGUE_ROUTES: readonly Route[] = [
  { method: "GET", path: CATALOGUE, summary: "List the partner catalogue.", access: READ, query: PAGE, run: list },
  {
    method: "PUT",
    path: CATALOGUE,
    summary: "Add or change subscriptions of the partner catalogue; all of them or none.",
    access: WRITE,
    body: CatalogueBody,
    run: put,
  },
  { method: "GET", path: ENTRY, summary: "Show a subscription of the partner catalogue.", access: READ, run: show },
  {
    method: "PUT",
    path: ENTRY,
    summary: "Add a subscription to the partner catalogue, or replace what is known of it.",
    access: WRITE,
    body: CatalogueEntryBody,
    run: putOne,
  },
  {
    method: "DELETE",
    path: ENTRY,
    summary: "Take a subscription out of the partner catalogue; mappings to it stay.",
    access: WRITE,
    run: remove,
  },
  {
    method: "GET",
    path: `${ENTRY}/history`,
    summary: "What was known of a subscription, from when on, and who said so; oldest first.",
    access: READ,
    query: PAGE,
    run: history,
  },
  {
    method: "POST",
    path: "/v1/catalogue/import",
    summary: "Put rows into the partner catalogue, each for itself. What is answered is durable.",
    access: WRITE,
    streams:
      "text/csv: a header and a row a subscription; application/x-ndjson: an object a line. Plain, gzip or zstd.",
    run: importRows,
  },
];
