import type { FastifyRequest } from "fastify";
import { chooseLanguage, Fault, type Language, LANGUAGES } from "../domain/faults/fault.ts";
import type { IssuedDocument } from "../domain/statement/document.ts";
import { FILE_FORMATS, type FileFormat } from "../domain/usage/files.ts";
import { paramOf } from "../http/parameters.ts";
import type { Access, Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { exportDailyRated } from "../operations/exports/dailyRated.ts";
import { documentCsv } from "../operations/exports/documentCsv.ts";
import { documentJson } from "../operations/exports/documentJson.ts";
import { exportDocumentFocus, exportFocus } from "../operations/exports/focus.ts";
import { findIssued } from "../operations/exports/issued.ts";
import { exportUsage } from "../operations/exports/usage.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { queryOf } from "./input.ts";
import { onPayer } from "./payerScope.ts";
import { scopeOfRegistration } from "./registrationScope.ts";

const TYPES: Readonly<Record<FileFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
};

/** What draws is loaded with the first document that is wanted: it would make every start of a server slower by a tenth. */
async function* pdf(issued: IssuedDocument, language: Language): AsyncGenerator<Buffer> {
  const { documentPdf } = await import("../pdf/documentPdf.ts");
  yield* documentPdf(issued, language);
}

const file = (stream: AsyncIterable<Buffer>, format: FileFormat): Answer => ({
  status: 200,
  stream,
  headers: { "content-type": TYPES[format] },
});

const FORMAT = { format: "csv, or parquet; csv unless said." };

/** @throws Fault InvalidParameter */
function formatOf(request: FastifyRequest): FileFormat {
  const text = queryOf(request, "format") ?? "csv";
  const format = FILE_FORMATS.find((so) => so === text);
  if (format !== undefined) return format;
  const reason = `it is ${FILE_FORMATS.join(" or ")}`;
  throw new Fault("InvalidParameter", { parameter: "format", value: text, reason }, { target: "format" });
}

async function focus(context: Context, request: FastifyRequest): Promise<Answer> {
  const period = context.periods.named(paramOf(request, "period"));
  const format = formatOf(request);
  return file(await exportFocus(context, { period, partner: paramOf(request, "partner"), format }), format);
}

async function documentFocus(context: Context, request: FastifyRequest): Promise<Answer> {
  const format = formatOf(request);
  return file(await exportDocumentFocus(context, paramOf(request, "number"), format), format);
}

async function dailyRated(context: Context, request: FastifyRequest): Promise<Answer> {
  const period = context.periods.named(paramOf(request, "period"));
  return file(await exportDailyRated(context, period, paramOf(request, "partner")), "csv");
}

const DOCUMENT_FORMATS: readonly {
  readonly name: string;
  readonly type: string;
  readonly what: string;
  readonly query?: Route["query"];
  readonly make: (issued: IssuedDocument, language: Language) => AsyncIterable<Buffer>;
}[] = [
  {
    name: "json",
    type: "application/json; charset=utf-8",
    what: "as JSON, with the content that its hash is made from",
    make: documentJson,
  },
  { name: "csv", type: "text/csv; charset=utf-8", what: "in CSV, a row for each line", make: documentCsv },
  {
    name: "pdf",
    type: "application/pdf",
    what: "in PDF, to be read and kept",
    query: { lang: "en or zh-Hans; what the caller's language is unless given." },
    make: pdf,
  },
];

/** @throws Fault InvalidParameter */
function languageOf(request: FastifyRequest): Language {
  const value = queryOf(request, "lang");
  if (value === undefined) return chooseLanguage(request.headers["accept-language"]);
  const language = LANGUAGES.find((known) => known.toLowerCase() === value.toLowerCase());
  if (language !== undefined) return language;
  const reason = `documents are in ${LANGUAGES.join(" and ")}`;
  throw new Fault("InvalidParameter", { parameter: "lang", value, reason }, { target: "lang" });
}

const documentRoute = ({ name, type, what, query, make }: (typeof DOCUMENT_FORMATS)[number]): Route => ({
  method: "GET",
  path: `/v1/documents/:number/exports/${name}`,
  summary: `One closed statement or correction ${what}; a customer may read its own.`,
  access: onPayer,
  ...(query === undefined ? {} : { query }),
  async run(context, request) {
    const language = query === undefined ? LANGUAGES[0]! : languageOf(request);
    const issued = await findIssued(context, paramOf(request, "number"));
    const file = `${issued.document.number}.${name}`;
    return {
      status: 200,
      stream: make(issued, language),
      headers: { "content-type": type, "content-disposition": `attachment; filename="${file}"` },
    };
  },
});

/** What was billed, in the formats that others read. */
async function attributedUsage(context: Context, request: FastifyRequest): Promise<Answer> {
  const period = context.periods.named(paramOf(request, "period"));
  const format = formatOf(request);
  const wanted = queryOf(request, "registration");
  const registration = wanted === undefined ? undefined : (await findRegistration(context.control, wanted)).id;
  return file(await exportUsage(context, { period, registration, format }), format);
}

const READ: Access = { action: "Stampbook/statements/read" };

const OF_STAMP: Access = {
  action: "Stampbook/usage/read",
  scope: (context, request) => scopeOfRegistration(context, queryOf(request, "registration") ?? ""),
  lookedUp: true,
};

/** What was billed and used, in the formats that others read. */
export const EXPORT_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/periods/:period/partners/:partner/exports/focus",
    summary: "What a partner's payers were billed in a period, statements and corrections, as FOCUS 1.2.",
    access: READ,
    query: FORMAT,
    run: focus,
  },
  {
    method: "GET",
    path: "/v1/periods/:period/partners/:partner/exports/daily-rated",
    summary: "What a partner's payers were billed in a period, day by day, in the shape of daily rated usage, in CSV.",
    access: READ,
    run: dailyRated,
  },
  {
    method: "GET",
    path: "/v1/periods/:period/exports/usage",
    summary: "Every record of a period, with who pays for it as of its hour and by which mapping.",
    access: OF_STAMP,
    query: { ...FORMAT, registration: "Only records of this registration: number, cloud id, resource id or name." },
    run: attributedUsage,
  },
  {
    method: "GET",
    path: "/v1/documents/:number/exports/focus",
    summary: "One statement or correction as FOCUS 1.2; a customer may read its own.",
    access: onPayer,
    query: FORMAT,
    run: documentFocus,
  },
  ...DOCUMENT_FORMATS.map(documentRoute),
];
