import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { hourOf } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import { approvalState } from "../domain/tenancy/approval.ts";
import { subtotalsOf } from "../domain/statement/statement.ts";
import { parsePeriod } from "../domain/statement/period.ts";
import { allowedRows } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { loadPriceBook } from "../operations/prices/read.ts";
import { loadMeters } from "../operations/meters/read.ts";
import { findRegistration, listRegistrations } from "../operations/registrations/find.ts";
import { explainLine } from "../operations/statements/explain.ts";
import { runStatements } from "../operations/statements/run.ts";
import { paramOf } from "../http/parameters.ts";
import { bodyOf, PeriodBody, queryOf, wholeOf } from "./input.ts";
import { APPROVAL_ROUTES } from "./approvals.ts";
import { CATALOGUE_ROUTES } from "./catalogue.ts";
import { LOCAL_SUBSCRIPTION_ROUTES } from "./localSubscriptions.ts";
import { MAPPING_ROUTES } from "./mappings.ts";
import { METER_ROUTES } from "./meters.ts";
import { PRICE_SHEET_ROUTES } from "./priceSheets.ts";
import { PRICE_TERMS_ROUTES } from "./priceTerms.ts";
import { METRICS_ROUTE } from "./metrics.ts";
import { PARKED_ROUTES } from "./parked.ts";
import { USAGE_EXPLANATION_ROUTE } from "./usageExplanation.ts";
import { CLOSING_ROUTES } from "./closing.ts";
import { COMPLETENESS_ROUTE } from "./completeness.ts";
import { EXPORT_ROUTES } from "./exports.ts";
import { WHY_ROUTE } from "./why.ts";
import { TRIAL_ROUTES } from "./trials.ts";
import { COMPARISON_ROUTES } from "./comparisons.ts";
import { documentPage, PAGE_QUERY, pageOf } from "./page.ts";
import { onPayer, payerScopes } from "./payerScope.ts";
import { explanationOut, priceSheetOut, registrationOut } from "./output.ts";
import { onRegistration, REGISTRATION, suggesting } from "./registrationScope.ts";
import { INTAKE_ROUTE } from "./usageIntake.ts";

const ok = (body: unknown): Answer => ({ status: 200, body });

async function registrations(context: Context, request: FastifyRequest): Promise<Answer> {
  const visible = await allowedRows(context, callerOf(request), {
    rows: await listRegistrations(context.control),
    action: "Microsoft.AzureStack/registrations/read",
    scopeOf: registrationResourceId,
  });
  const { rows, next } = pageOf(request, visible);
  return ok({ value: rows.map(registrationOut), ...next });
}

async function registration({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const found = await findRegistration(control, paramOf(request, "registration"));
  const approval = approvalState(await control.tenancy.approvalEvents(found.id));
  return ok(registrationOut({ ...found, approval }));
}

async function showPriceSheet(context: Context): Promise<Answer> {
  const nowMs = context.clock.now();
  const meters = await loadMeters(context.control, nowMs);
  return ok(priceSheetOut({ book: await loadPriceBook(context, nowMs), meters }, hourOf(nowMs)));
}

async function runPeriod(context: Context, request: FastifyRequest): Promise<Answer> {
  const { mark: _, ...run } = await runStatements(
    context,
    callerOf(request),
    context.periods.named(bodyOf(request, PeriodBody).period),
  );
  return ok(run);
}

async function showRun({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const { name } = parsePeriod(paramOf(request, "period"));
  const run = await control.statements.findRun(name);
  if (run === undefined) throw new Fault("StatementRunNotFound", { period: name });
  const { mark: _, ...told } = run;
  return ok(told);
}

async function listStatements(context: Context, request: FastifyRequest): Promise<Answer> {
  const { control } = context;
  const { name } = parsePeriod(queryOf(request, "period") ?? "");
  const page = await documentPage(
    request,
    (of) => control.statements.page(name, of),
    (rows) =>
      allowedRows(context, callerOf(request), { rows, action: "Stampbook/statements/read", scopeOf: payerScopes }),
  );
  if (page.value.length === 0 && !(await hasStatements(context, name))) {
    throw new Fault("StatementRunNotFound", { period: name });
  }
  return ok(page);
}

const hasStatements = async ({ control }: Context, period: string): Promise<boolean> =>
  (await control.statements.findRun(period)) !== undefined ||
  (await control.statements.page(period, { after: "", limit: 1 })).length > 0;

async function showStatement({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const number = paramOf(request, "number");
  const statement = await control.statements.find(number);
  if (statement === undefined) throw new Fault("StatementNotFound", { number });
  const named = await control.registrations.findMany(statement.lines.map(({ registration }) => registration));
  const names = new Map(named.map(({ id, name }) => [id, name]));
  const lines = statement.lines.map((line) => ({ ...line, registrationName: names.get(line.registration) }));
  return ok({ ...statement, lines, subtotals: subtotalsOf(lines) });
}

async function explain(context: Context, request: FastifyRequest): Promise<Answer> {
  const line = wholeOf("line", paramOf(request, "line"), { fallback: 0, min: 0, max: 1e9 });
  const limit = wholeOf("limit", queryOf(request, "limit"), { fallback: 20, min: 1, max: LIMITS.explainRecordsMax });
  const offset = wholeOf("offset", queryOf(request, "offset"), { fallback: 0, min: 0, max: 1e9 });
  return ok(explanationOut(await explainLine(context, paramOf(request, "number"), line, { offset, limit })));
}

const STATEMENT = "/v1/statements/:number";

const KNOWN_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/registrations",
    summary: "List registrations with their approval.",
    access: "signed-in",
    query: PAGE_QUERY,
    run: registrations,
  },
  {
    method: "GET",
    path: REGISTRATION,
    summary: "Show a registration. :registration is a number, cloud id, resource id or name.",
    access: onRegistration("Microsoft.AzureStack/registrations/read"),
    run: registration,
  },
  ...APPROVAL_ROUTES,
  ...MAPPING_ROUTES,
  ...LOCAL_SUBSCRIPTION_ROUTES,
  ...CATALOGUE_ROUTES,
  ...METER_ROUTES,
  ...PRICE_SHEET_ROUTES,
  ...PRICE_TERMS_ROUTES,
  INTAKE_ROUTE,
  ...PARKED_ROUTES,
  COMPLETENESS_ROUTE,
  METRICS_ROUTE,
  USAGE_EXPLANATION_ROUTE,
  {
    method: "GET",
    path: "/v1/price-sheet",
    summary: "The prices in force, with those that nobody has verified marked.",
    access: { action: "Stampbook/prices/read" },
    run: showPriceSheet,
  },
  {
    method: "POST",
    path: "/v1/statement-runs",
    summary: "Make the draft statements of a billing period; earlier drafts of it are replaced.",
    access: { action: "Stampbook/statements/write" },
    body: PeriodBody,
    run: runPeriod,
  },
  {
    method: "GET",
    path: "/v1/statement-runs/:period",
    summary: "A run: its bounds and its conservation.",
    access: { action: "Stampbook/statements/read" },
    run: showRun,
  },
  {
    method: "GET",
    path: "/v1/statements",
    summary: "List the statements of a billing period.",
    access: "signed-in",
    query: { period: "For example 2024-02.", ...PAGE_QUERY },
    run: listStatements,
  },
  { method: "GET", path: STATEMENT, summary: "A statement with its lines.", access: onPayer, run: showStatement },
  {
    method: "GET",
    path: `${STATEMENT}/lines/:line/explanation`,
    summary: "Why a line is what it is: price, arithmetic, who decided who pays, and the records.",
    access: onPayer,
    query: { offset: "How many records to pass over.", limit: "How many records to give, 20 unless said." },
    run: explain,
  },
  WHY_ROUTE,
  ...CLOSING_ROUTES,
  ...EXPORT_ROUTES,
  ...TRIAL_ROUTES,
  ...COMPARISON_ROUTES,
];

/** Stampbook's own API: everything that the original has no API for. */
export const V1_ROUTES: readonly Route[] = KNOWN_ROUTES.map(suggesting);
