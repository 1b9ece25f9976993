import type { FastifyRequest } from "fastify";
import { paramOf } from "../http/parameters.ts";
import type { Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { exportDailyRated } from "../operations/exports/dailyRated.ts";
import { exportDocumentFocus, exportFocus } from "../operations/exports/focus.ts";
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
];
