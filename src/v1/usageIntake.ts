import type { FastifyRequest } from "fastify";
import { chooseLanguage, Fault, type Language } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { type KeptAnswer, parseIdempotencyKey } from "../domain/usage/idempotency.ts";
import { parseReportedWindow, type ReportedWindow } from "../domain/usage/reportedWindow.ts";
import { errorBody } from "../http/errorBody.ts";
import { type Access, type Answer, auditRefusal, callerOf, type Route } from "../http/route.ts";
import { JSON_TYPE, toFault } from "../http/server.ts";
import { usageBytes, usageFormat } from "../http/usageBody.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { answerOrClaim, type Claim } from "../operations/usage/answerOnce.ts";
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

/** What a request asks for, as far as its head says it. */
interface Asked extends Omit<IntakeRequest, "onOutcomes"> {
  readonly language: Language;
  /** Holds the Idempotency-Key, where the request named one. */
  readonly claim: Claim | undefined;
}

async function intake(context: Context, request: FastifyRequest): Promise<Answer> {
  const language = chooseLanguage(request.headers["accept-language"]);
  const wanted = queryOf(request, "registration");
  if (wanted === undefined) {
    const reason = "the registration whose usage this is must be named";
    throw new Fault("InvalidParameter", { parameter: "registration", value: "", reason }, { target: "registration" });
  }
  const registration = await findRegistration(context.control, wanted);
  const format = usageFormat(request.headers["content-type"]);
  const window = windowOf(request);
  const body = usageBytes(request.raw, request.headers["content-encoding"]);
  const [form, answer] = wantsLines(request) ? (["lines", answerLines] as const) : (["whole", answerWhole] as const);
  const header = request.headers["idempotency-key"];
  if (header === undefined) {
    return await answer(context, request, { registration, format, window, body, language, claim: undefined });
  }
  const meaning = `${format} ${window?.startMs} ${window?.endMs} ${form}`;
  const key = parseIdempotencyKey(String(header));
  const once = await answerOrClaim(context, callerOf(request), { key, registration: registration.id, meaning, body });
  if ("status" in once) return replayed(once);
  return await answer(context, request, { registration, format, window, body: once.body, language, claim: once });
}

const replayed = ({ status, contentType, contentLanguage, body }: KeptAnswer): Answer => ({
  status,
  headers: { "content-type": contentType, "content-language": contentLanguage, "idempotency-replayed": "true" },
  body: Buffer.from(body),
});

async function answerWhole(context: Context, request: FastifyRequest, asked: Asked): Promise<Answer> {
  const { claim, language } = asked;
  try {
    const result = await takeIn(context, callerOf(request), asked);
    if (result.fault !== undefined) throw await refusalOf(request, result, asked);
    const body = JSON.stringify(intakeOut(result, language));
    const headers = { "content-type": JSON_TYPE, "content-language": language };
    if ((await claim?.mayKeep()) === true) await claim?.keep(keptOf(200, headers, body));
    return { status: 200, headers, body };
  } finally {
    await claim?.release();
  }
}

const keptOf = (
  status: number,
  headers: { readonly "content-type": string; readonly "content-language": string },
  body: string | Buffer,
): KeptAnswer => ({
  status,
  contentType: headers["content-type"],
  contentLanguage: headers["content-language"],
  body: Buffer.from(body),
});

/** Some of a refused body may have been kept; the refusal says what, and is kept for the key as it will be sent. */
async function refusalOf(
  request: FastifyRequest,
  result: IntakeResult,
  { claim, language }: Pick<Asked, "claim" | "language">,
): Promise<Fault> {
  const { code, params, target } = result.fault!;
  const at = target === undefined ? {} : { target };
  const refusal = new Fault(code, params, { info: intakeOut(result, language), ...at });
  if ((await claim?.mayKeep()) === true) {
    const { faultAnswers } = request.server;
    const headers = { "content-type": JSON_TYPE, "content-language": language };
    const body = JSON.stringify(errorBody(refusal, language, faultAnswers));
    await claim?.keep(keptOf(faultAnswers.statusOf(code), headers, body));
  }
  return refusal;
}

/**
 * Answers a line for each record while the body still comes in, and at last one for the batch. Until the first line is
 * there, refusals are as always; from then on the last line says what is wrong.
 */
async function answerLines(context: Context, request: FastifyRequest, asked: Asked): Promise<Answer> {
  const { language, claim } = asked;
  const lines = new OutcomeLines(language, claim === undefined ? 0 : LIMITS.idempotentAnswerBytesMax);
  let refusal: unknown;
  const take = async (): Promise<void> => {
    try {
      const result = await takeIn(context, callerOf(request), {
        ...asked,
        body: lines.paced(asked.body),
        onOutcomes: async (outcomes) => lines.tell(outcomes),
      });
      if (result.fault !== undefined && !lines.begun) refusal = await refusalOf(request, result, asked);
      else await endLines({ context, request, lines, claim, language }, result);
    } catch (error) {
      if (lines.begun) await breakLines({ context, request, lines, claim, language }, toFault(error, request));
      else refusal = error;
    } finally {
      await claim?.release();
    }
  };
  // It cannot fail: what goes wrong is said in a line, or thrown below.
  await Promise.race([lines.begin(), take()]);
  if (refusal !== undefined) throw refusal;
  return { status: 200, headers: linesHeaders(language), stream: lines.read() };
}

const linesHeaders = (language: Language) => ({ "content-type": LINES_TYPE, "content-language": language });

interface Answering {
  readonly context: Context;
  readonly request: FastifyRequest;
  readonly lines: OutcomeLines;
  readonly claim: Claim | undefined;
  readonly language: Language;
}

async function endLines(answering: Answering, { batch, counts, fault }: IntakeResult): Promise<void> {
  const { lines, claim, language } = answering;
  if (fault !== undefined) await auditLine(answering, fault);
  if (claim === undefined) {
    lines.end(lines.lastLine({ batch, counts, fault }));
    return;
  }
  if (!(await claim.mayKeep())) {
    lines.end(lines.lastLine({ batch, counts, fault, kept: "nothing" }));
    return;
  }
  const { told } = lines;
  const last = lines.lastLine({ batch, counts, fault, kept: told === undefined ? "last line" : "all" });
  const all = Buffer.concat([told ?? Buffer.alloc(0), Buffer.from(last)]);
  await claim.keep(keptOf(200, linesHeaders(language), all));
  lines.end(last);
}

async function breakLines(answering: Answering, fault: Fault): Promise<void> {
  const { lines, claim } = answering;
  await auditLine(answering, fault);
  lines.end(
    lines.lastLine({ batch: null, counts: lines.counts, fault, ...(claim === undefined ? {} : { kept: "nothing" }) }),
  );
}

/** A refusal that goes out as a line is audited as one that has a status. */
async function auditLine({ context, request }: Answering, fault: Fault): Promise<void> {
  try {
    if (fault.kind !== "defect") await auditRefusal(context, request, ACTION, fault);
  } catch (error) {
    request.log.error({ err: error }, "a refusal could not be audited");
  }
}

const scopeOfQuery: Access["scope"] = (context, request) =>
  scopeOfRegistration(context, queryOf(request, "registration") ?? "");

export const INTAKE_ROUTE: Route = {
  method: "POST",
  path: "/v1/usage",
  summary:
    "Take usage in. Every record is judged on its own; what is counted in the answer is durable. With Accept: application/x-ndjson, a line for each record while the body still comes in, and a last one for the batch. With an Idempotency-Key, the same request gets the same answer again.",
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
