import type { FastifyRequest } from "fastify";
import { chooseLanguage, Fault, type Language, reportFault } from "../domain/faults/fault.ts";
import { type Level, LEVELS } from "../domain/rating/priceTerms.ts";
import { causeOf, type Difference } from "../domain/reconciliation/cause.ts";
import { type ColumnMap, OUR_COLUMNS, type OurColumn, SHAPES } from "../domain/reconciliation/columns.ts";
import { explanationOf } from "../domain/reconciliation/explanation.ts";
import { subscriptionId } from "../domain/ids.ts";
import { paramOf } from "../http/parameters.ts";
import type { Answer, Route } from "../http/route.ts";
import { usageBytes } from "../http/usageBody.ts";
import type { Context } from "../operations/context.ts";
import { compareWithFile, type Comparison, comparePeriods } from "../operations/reconciliation/compare.ts";
import type { ComparedScope } from "../operations/reconciliation/scope.ts";
import { ReconciliationFileRefused } from "../operations/reconciliation/theirs.ts";
import { queryOf } from "./input.ts";

const languageOf = (request: FastifyRequest): Language => chooseLanguage(request.headers["accept-language"]);

const invalid = (parameter: string, value: string, reason: string): Fault =>
  new Fault("InvalidParameter", { parameter, value, reason }, { target: parameter });

/** @throws Fault InvalidParameter */
function scopeOf(request: FastifyRequest): ComparedScope {
  const text = queryOf(request, "level") ?? "customer";
  const level = LEVELS.find((so): so is Level => so === text.toLowerCase());
  if (level === undefined) throw invalid("level", text, `one of ${LEVELS.join(", ")} is needed`);
  const [partner, named] = [queryOf(request, "partner"), queryOf(request, "payer")];
  const payer = named !== undefined && level === "customer" ? subscriptionId(named) : named;
  if (named !== undefined && payer === undefined) throw invalid("payer", named, "the GUID of a subscription is needed");
  return { level, ...(partner === undefined ? {} : { partner }), ...(payer === undefined ? {} : { payer }) };
}

const isOurs = (name: string): name is OurColumn => (OUR_COLUMNS as readonly string[]).includes(name);

/** @throws Fault InvalidParameter */
function columnsOf(request: FastifyRequest): ColumnMap {
  const text = queryOf(request, "columns");
  if (text === undefined) return {};
  const wrong = (reason: string): Fault => invalid("columns", text, reason);
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch {
    throw wrong('a JSON object such as {"payer":"SubscriptionId"} is needed');
  }
  if (typeof map !== "object" || map === null || Array.isArray(map)) throw wrong("a JSON object is needed");
  const columns: Partial<Record<OurColumn, string | null>> = {};
  for (const [name, value] of Object.entries(map)) {
    if (!isOurs(name)) throw wrong(`'${name}' is none of ${OUR_COLUMNS.join(", ")}`);
    if (value !== null && typeof value !== "string") throw wrong(`'${name}' has to be the name of a column, or null`);
    columns[name] = value === "" ? null : value;
  }
  return columns;
}

const orNull = (text: string): string | null => (text === "" ? null : text);

const differenceOut = (difference: Difference, language: Language) => {
  const { situation, measure, payer, stamp, meter, meterName, day, ours, theirs, other } = difference;
  return {
    cause: causeOf(situation),
    situation,
    measure,
    payer,
    stamp: orNull(stamp),
    meter,
    meterName: orNull(meterName),
    day: orNull(day),
    ours,
    theirs,
    difference: difference.difference,
    other: orNull(other),
    explanation: explanationOf(difference, language),
  };
};

const comparisonOut = (comparison: Comparison, language: Language): Answer => ({
  status: 200,
  body: { ...comparison, differences: comparison.differences.map((so) => differenceOut(so, language)) },
});

/** What is wrong with a file, row by row. */
function fileFault({ problems, problemsOmitted }: ReconciliationFileRefused, language: Language): Fault {
  const rows = problems.map(({ position, fault }) => {
    const { code, message, remedy, target } = reportFault(fault, language);
    return { position, column: target ?? null, code, message, remedy };
  });
  const info = { rows, rowsOmitted: problemsOmitted };
  return new Fault("ReconciliationFileInvalid", { rows: rows.length + problemsOmitted }, { info });
}

const TYPE = "text/csv";

async function withFile(context: Context, request: FastifyRequest): Promise<Answer> {
  const { headers, raw } = request;
  const type = headers["content-type"];
  if ((type ?? "").split(";")[0]!.trim().toLowerCase() !== TYPE) {
    throw new Fault("UnsupportedMediaType", { type: type ?? "none", supported: TYPE });
  }
  const period = context.periods.named(paramOf(request, "period"));
  const asked = { period, scope: scopeOf(request), columns: columnsOf(request) };
  const body = usageBytes(raw, headers["content-encoding"]);
  try {
    return comparisonOut(await compareWithFile(context, { ...asked, body }), languageOf(request));
  } catch (error) {
    throw error instanceof ReconciliationFileRefused ? fileFault(error, languageOf(request)) : error;
  }
}

async function withPeriod(context: Context, request: FastifyRequest): Promise<Answer> {
  const [period, other] = [paramOf(request, "period"), paramOf(request, "other")].map((so) =>
    context.periods.named(so),
  );
  const comparison = await comparePeriods(context, { period: period!, other: other!, scope: scopeOf(request) });
  return comparisonOut(comparison, languageOf(request));
}

const SCOPE = {
  level: `Whose statements: ${LEVELS.join(", ")}; customer unless given.`,
  partner: "Only payers of this partner.",
  payer: "Only this payer.",
};

/** Our statements of a period beside what somebody else says of it. */
export const COMPARISON_ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/periods/:period/comparisons",
    summary: "Compare the statements of a period with a reconciliation file: every difference with its cause.",
    access: { action: "Stampbook/statements/read" },
    query: {
      ...SCOPE,
      columns: `Names of the file's columns, as JSON, by ours: ${OUR_COLUMNS.join(", ")}. Those of known files are known.`,
    },
    streams: `text/csv: a header and rows, of any columns; known are ${SHAPES.map(({ name }) => name).join(", ")}. Plain, gzip or zstd.`,
    run: withFile,
  },
  {
    method: "GET",
    path: "/v1/periods/:period/comparisons/:other",
    summary: "Compare the statements of a period with those of another: every difference with its cause.",
    access: { action: "Stampbook/statements/read" },
    query: SCOPE,
    run: withPeriod,
  },
];
