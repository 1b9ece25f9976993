import type { FastifyRequest } from "fastify";
import { chooseLanguage, Fault, type Language, LANGUAGES } from "../domain/faults/fault.ts";
import type { IssuedDocument } from "../domain/statement/document.ts";
import { paramOf } from "../http/parameters.ts";
import type { Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { exportDailyRated } from "../operations/exports/dailyRated.ts";
import { documentCsv } from "../operations/exports/documentCsv.ts";
import { documentJson } from "../operations/exports/documentJson.ts";
import { exportDocumentFocus, exportFocus } from "../operations/exports/focus.ts";
import { findIssued } from "../operations/exports/issued.ts";
import { documentPdf } from "../pdf/documentPdf.ts";
import { queryOf } from "./input.ts";
import { onPayer } from "./payerScope.ts";

const csv = (stream: AsyncIterable<Buffer>): Answer => ({
  status: 200,
  stream,
  headers: { "content-type": "text/csv; charset=utf-8" },
});

async function focus(context: Context, request: FastifyRequest): Promise<Answer> {
  const period = context.periods.named(paramOf(request, "period"));
  return csv(await exportFocus(context, period, paramOf(request, "partner")));
}

async function dailyRated(context: Context, request: FastifyRequest): Promise<Answer> {
  const period = context.periods.named(paramOf(request, "period"));
  return csv(await exportDailyRated(context, period, paramOf(request, "partner")));
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
    make: documentPdf,
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
export const EXPORT_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/periods/:period/partners/:partner/exports/focus",
    summary: "What a partner's payers were billed in a period, statements and corrections, as FOCUS 1.2 in CSV.",
    access: { action: "Stampbook/statements/read" },
    run: focus,
  },
  {
    method: "GET",
    path: "/v1/periods/:period/partners/:partner/exports/daily-rated",
    summary: "What a partner's payers were billed in a period, day by day, in the shape of daily rated usage, in CSV.",
    access: { action: "Stampbook/statements/read" },
    run: dailyRated,
  },
  {
    method: "GET",
    path: "/v1/documents/:number/exports/focus",
    summary: "One statement or correction as FOCUS 1.2 in CSV; a customer may read its own.",
    access: onPayer,
    run: async (context, request) => csv(await exportDocumentFocus(context, paramOf(request, "number"))),
  },
  ...DOCUMENT_FORMATS.map(documentRoute),
];
