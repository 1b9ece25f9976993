import type { FastifyRequest } from "fastify";
import { findFaultCode } from "../domain/findFaultCode.ts";
import { chooseLanguage, type Language } from "../domain/faults/fault.ts";
import { ERROR_PAGES, errorIndexPage, errorPage, PAGE_HEADERS } from "../http/errorPage.ts";
import type { Answer, Route } from "../http/route.ts";
import { paramOf } from "../http/parameters.ts";
import { queryOf } from "./input.ts";

const languageOf = (request: FastifyRequest): Language =>
  chooseLanguage(queryOf(request, "lang") ?? request.headers["accept-language"]);

const page = (body: string, language: Language): Answer => ({
  status: 200,
  headers: { ...PAGE_HEADERS, "content-language": language },
  body,
});

const LANG = { lang: "The language, instead of the one of Accept-Language." };

export const ERROR_PAGE_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: ERROR_PAGES,
    summary: "All error codes, as a page in the language of Accept-Language.",
    access: "public",
    query: LANG,
    run: async (_, request) => {
      const language = languageOf(request);
      return page(errorIndexPage(language, request.server.faultAnswers), language);
    },
  },
  {
    method: "GET",
    path: `${ERROR_PAGES}/:code`,
    summary: "What an error code means and what to do, as a page in the language of Accept-Language.",
    access: "public",
    query: LANG,
    run: async (_, request) => {
      const language = languageOf(request);
      const code = findFaultCode(paramOf(request, "code"));
      return page(errorPage(code, language, request.server.faultAnswers), language);
    },
  },
];
