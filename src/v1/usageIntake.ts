import type { FastifyRequest } from "fastify";
import { chooseLanguage, Fault, type Language } from "../domain/faults/fault.ts";
import { parseReportedWindow, type ReportedWindow } from "../domain/usage/reportedWindow.ts";
import { type Access, type Answer, auditRefusal, callerOf, type Route } from "../http/route.ts";
import { toFault } from "../http/server.ts";
import { usageBytes, usageFormat } from "../http/usageBody.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { type IntakeRequest, type IntakeResult, takeIn } from "../operations/usage/intake.ts";
import { queryOf } from "./input.ts";
import { OutcomeLines } from "./outcomeLines.ts";
import { intakeOut } from "./output.ts";
import { scopeOfRegistration } from "./registrationScope.ts";

const ACTION = "Stampbook/usage/write";
const LINES_TYPE = "application/x-ndjson";

function windowOf(request: FastifyRequest): ReportedWindow | undefined {
  const start = queryOf(request, "reportedStartTime");
  const end = queryOf(request, "reportedEndTime");
  return start === undefined && end === undefined ? undefined : parseReportedWindow(start ?? "", end ?? "");
}

/** Whether the caller wants a line for each record. */
const wantsLines = ({ headers }: FastifyRequest): boolean =>
  (headers.accept ?? "")
    .split(",")
    .some((range) => /^\s*application\/(x-)?ndjson\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/i.test(range));

async function intake(context: Context, request: FastifyRequest): Promise<Answer> {
  const language = chooseLanguage(request.headers["accept-language"]);
  const wanted = queryOf(request, "registration");
  if (wanted === undefined) {
    const reason = "the registration whose usage this is must be named";
    throw new Fault("InvalidParameter", { parameter: "registration", value: "", reason }, { target: "registration" });
  }
  const asked = {
    registration: await findRegistration(context.control, wanted),
    format: usageFormat(request.headers["content-type"]),
    window: windowOf(request),
    body: usageBytes(request.raw, request.headers["content-encoding"]),
  };
  if (wantsLines(request)) return await answerLines(context, request, asked, language);
  const result = await takeIn(context, callerOf(request), asked);
  if (result.fault === undefined) return { status: 200, body: intakeOut(result, language) };
  throw refusalOf(result, result.fault, language);
}

/** Some of a refused body may have been kept; the refusal says what. */
function refusalOf(result: IntakeResult, { code, params, target }: Fault, language: Language): Fault {
  return new Fault(code, params, { info: intakeOut(result, language), ...(target === undefined ? {} : { target }) });
}

/**
 * Answers a line for each record while the body still comes in, and at last one for the batch. Until the first line is
 * there, refusals are as always; from then on the last line says what is wrong.
 */
async function answerLines(
  context: Context,
  request: FastifyRequest,
  asked: IntakeRequest,
  language: Language,
): Promise<Answer> {
  const lines = new OutcomeLines(language);
  let refusal: unknown;
  const take = async (): Promise<void> => {
    try {
      const result = await takeIn(context, callerOf(request), {
        ...asked,
        body: lines.paced(asked.body),
        onOutcomes: async (outcomes) => lines.tell(outcomes),
      });
      if (result.fault !== undefined && !lines.begun) refusal = refusalOf(result, result.fault, language);
      else await endLines(context, request, lines, result);
    } catch (error) {
      if (!lines.begun) refusal = error;
      else
        await endLines(context, request, lines, { batch: null, counts: lines.counts, fault: toFault(error, request) });
    }
  };
  const taking = take();
  // Neither can fail: what goes wrong is said in a line, or thrown below.
  await Promise.race([lines.begin(), taking]);
  if (refusal !== undefined) throw refusal;
  return {
    status: 200,
    headers: { "content-type": LINES_TYPE, "content-language": language },
    stream: lines.read(),
  };
}

async function endLines(
  context: Context,
  request: FastifyRequest,
  lines: OutcomeLines,
  last: Pick<Parameters<OutcomeLines["end"]>[0], "batch" | "counts" | "fault">,
): Promise<void> {
  try {
    if (last.fault !== undefined) await auditRefusal(context, request, ACTION, last.fault);
  } catch (error) {
    request.log.error({ err: error }, "a refusal could not be audited");
  }
  lines.end(last);
}

const scopeOfQuery: Access["scope"] = (context, request) =>
  scopeOfRegistration(context, queryOf(request, "registration") ?? "");

export const INTAKE_ROUTE: Route = {
  method: "POST",
  path: "/v1/usage",
  summary:
    "Take usage in. Every record is judged on its own; what is counted in the answer is durable. With Accept: application/x-ndjson, a line for each record while the body still comes in, and a last one for the batch.",
  access: { action: ACTION, scope: scopeOfQuery, lookedUp: true },
  query: {
    registration: "Whose usage it is: number, cloud id, resource id or name.",
    reportedStartTime: "Start of the reported window that was read; not needed where each record carries its own.",
    reportedEndTime: "End of that window.",
  },
  streams:
    "application/json: a Hub's answer; application/x-ndjson: a record or a CloudEvent a line; application/cloudevents-batch+json and application/cloudevents+json: CloudEvents 1.0. Plain, gzip or zstd.",
  run: intake,
};
