import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { chooseLanguage, Fault, type Language } from "../domain/faults/fault.ts";
import { hourStartMs } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import { CHECKS, checkText, type CheckResult, isAcceptable } from "../domain/statement/checks.ts";
import type { Cause, CorrectionLine } from "../domain/statement/correction.ts";
import type { Acceptance, Closing, CorrectionContent, DocumentHead, SetAside } from "../domain/statement/document.ts";
import { parsePeriod } from "../domain/statement/period.ts";
import { paramOf } from "../http/parameters.ts";
import { allowedRows } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import { checkPeriod, closePeriod, mustHaveEnded } from "../operations/closing/close.ts";
import { issueCorrections, previewCorrections } from "../operations/closing/corrections.ts";
import { listPeriods, type PeriodOverview, showPeriod } from "../operations/closing/periods.ts";
import { type Verified, verifyDocuments } from "../operations/closing/verify.ts";
import type { Context } from "../operations/context.ts";
import { bodyOf, queryOf } from "./input.ts";
import { documentPage, PAGE_QUERY } from "./page.ts";
import { onPayer, payerScopes } from "./payerScope.ts";

const CloseBody = Type.Object(
  {
    accept: Type.Optional(
      Type.Array(
        Type.Object(
          { check: Type.String(), reason: Type.String({ maxLength: LIMITS.reasonCharsMax }) },
          { additionalProperties: false },
        ),
        { maxItems: CHECKS.length },
      ),
    ),
  },
  { additionalProperties: false },
);
const CorrectBody = Type.Object(
  { reason: Type.String({ maxLength: LIMITS.reasonCharsMax }) },
  { additionalProperties: false },
);

const ok = (body: unknown): Answer => ({ status: 200, body });
const periodParam = ({ periods }: Context, request: FastifyRequest) => periods.named(paramOf(request, "period"));
const languageOf = (request: FastifyRequest): Language => chooseLanguage(request.headers["accept-language"]);

const checkOut = (result: CheckResult, language: Language) => ({
  ...result,
  acceptable: isAcceptable(result.check),
  ...checkText(result.check, language),
});

function closingOut(closing: Closing, language: Language) {
  const { closedAtMs, knownUntilMs, from, to, mark: _, checks, setAside: __, ...told } = closing;
  return {
    ...told,
    from: formatInstant(hourStartMs(from)),
    to: formatInstant(hourStartMs(to)),
    closedAt: formatInstant(closedAtMs),
    knownUntil: formatInstant(knownUntilMs),
    checks: checks.map((check) => checkOut(check, language)),
  };
}

/** A close is of very many payers, and who closes is told of the first ones; the lists have all of them. */
const setAsideOut = (setAside: readonly SetAside[]) => ({
  setAside: setAside.slice(0, LIMITS.setAsideToldMax),
  setAsideInAll: setAside.length,
});

const periodOut = ({ period, ended, partners }: PeriodOverview, language: Language) => ({
  period: period.name,
  from: formatInstant(hourStartMs(period.from)),
  to: formatInstant(hourStartMs(period.to)),
  ended,
  partners: partners.map(({ closings, setAside, ...partner }) => ({
    ...partner,
    ...setAsideOut(setAside),
    closings: closings.map((closing) => closingOut(closing, language)),
  })),
});

function headOut(document: DocumentHead) {
  const { closing: _, sequence: __, ...head } = document;
  return head;
}

const causeOut = ({ recordedAtMs, ...cause }: Cause) => ({
  ...cause,
  recordedAt: recordedAtMs === null ? null : formatInstant(recordedAtMs),
});

/** Stamps are told by name beside their number. */
async function correctionOut({ control }: Context, { causes, lines, ...correction }: CorrectionContent) {
  const registrationOf = (line: CorrectionLine) => (line.new ?? line.old)!.registration;
  const found = await control.registrations.findMany(lines.map(registrationOf));
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return {
    ...correction,
    causes: causes.map(causeOut),
    lines: lines.map((correctionLine) => {
      const { key: _, ...line } = correctionLine;
      return { ...line, registrationName: names.get(registrationOf(correctionLine)) };
    }),
  };
}

async function listAll(context: Context, request: FastifyRequest): Promise<Answer> {
  return ok({ value: (await listPeriods(context)).map((so) => periodOut(so, languageOf(request))) });
}

async function period(context: Context, request: FastifyRequest): Promise<Answer> {
  return ok(periodOut(await showPeriod(context, periodParam(context, request)), languageOf(request)));
}

async function check(context: Context, request: FastifyRequest): Promise<Answer> {
  const [wanted, partner] = [periodParam(context, request), paramOf(request, "partner")];
  const { checks, payers, setAside } = await checkPeriod(context, wanted, partner);
  const body = { period: wanted.name, partner, payers, ...setAsideOut(setAside) };
  return ok({ ...body, checks: checks.map((so) => checkOut(so, languageOf(request))) });
}

/** @throws Fault CheckUnknown */
function acceptanceOf({ check: name, reason }: { readonly check: string; readonly reason: string }): Acceptance {
  const known = CHECKS.find((so) => so === name.toLowerCase());
  if (known === undefined) throw new Fault("CheckUnknown", { check: name, checks: CHECKS.join(", ") });
  return { check: known, reason };
}

async function close(context: Context, request: FastifyRequest): Promise<Answer> {
  const wanted = periodParam(context, request);
  mustHaveEnded(context, wanted);
  const accepted = (bodyOf(request, CloseBody)?.accept ?? []).map(acceptanceOf);
  const order = { period: wanted, partner: paramOf(request, "partner"), accepted };
  const { closing, now, documents, documentsInAll, setAside } = await closePeriod(context, callerOf(request), order);
  return ok({
    closedNow: now,
    closing: closingOut(closing, languageOf(request)),
    statements: documents.map(headOut),
    statementsInAll: documentsInAll,
    statementsAt: `/v1/statements?period=${wanted.name}`,
    ...setAsideOut(setAside),
  });
}

async function preview(context: Context, request: FastifyRequest): Promise<Answer> {
  const made = await previewCorrections(context, periodParam(context, request), paramOf(request, "partner"));
  const value: unknown[] = [];
  for (const correction of made.corrections) value.push(await correctionOut(context, correction));
  return ok({ value, correctionsInAll: made.correctionsInAll, ...setAsideOut(made.setAside) });
}

async function issue(context: Context, request: FastifyRequest): Promise<Answer> {
  const { reason } = bodyOf(request, CorrectBody);
  const order = { period: periodParam(context, request), partner: paramOf(request, "partner"), reason };
  const { closing, documents, setAside } = await issueCorrections(context, callerOf(request), order);
  return ok({
    closing: closing === undefined ? null : closingOut(closing, languageOf(request)),
    value: documents.slice(0, LIMITS.pageRowsMax).map(headOut),
    correctionsInAll: documents.length,
    correctionsAt: `/v1/corrections?period=${order.period.name}`,
    ...setAsideOut(setAside),
  });
}

async function listCorrections(context: Context, request: FastifyRequest): Promise<Answer> {
  const named = queryOf(request, "period");
  const of = named === undefined ? {} : { period: parsePeriod(named).name };
  const { value, ...next } = await documentPage(
    request,
    (page) => context.control.documents.page({ ...of, ...page, kind: "correction" }),
    (rows) =>
      allowedRows(context, callerOf(request), { rows, action: "Stampbook/statements/read", scopeOf: payerScopes }),
  );
  return ok({ value: value.map(headOut), ...next });
}

async function showCorrection(context: Context, request: FastifyRequest): Promise<Answer> {
  const number = paramOf(request, "number");
  const document = await context.control.documents.find(number);
  if (document?.kind !== "correction") throw new Fault("CorrectionNotFound", { number });
  const { closing: _, sequence: __, ...correction } = document;
  return ok(await correctionOut(context, correction));
}

/** Documents that are not as they were, told in full. */
const DIFFERENT_TOLD_MAX = 100;

async function verified(found: AsyncIterable<Verified>): Promise<Answer> {
  const different: Verified[] = [];
  let documents = 0;
  let differentInAll = 0;
  for await (const document of found) {
    documents += 1;
    if (document.isKept && document.isRebuilt) continue;
    differentInAll += 1;
    if (different.length < DIFFERENT_TOLD_MAX) different.push(document);
  }
  return ok({ intact: differentInAll === 0, documents, differentInAll, different });
}

const READ = { action: "Stampbook/statements/read" };
const PARTNER = "/v1/periods/:period/partners/:partner";

/** Billing periods: what there is, closing them, and what is corrected afterwards. */
export const CLOSING_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/periods",
    summary: "List the billing periods that have statements, with how far each partner is.",
    access: READ,
    run: listAll,
  },
  {
    method: "GET",
    path: "/v1/periods/:period",
    summary: "A billing period: its hours, and for each partner its state, who was set aside and what was accepted.",
    access: READ,
    run: period,
  },
  {
    method: "GET",
    path: `${PARTNER}/checks`,
    summary: "What is looked at before a period is closed for a partner: what was found, and what to do.",
    access: READ,
    run: check,
  },
  {
    method: "POST",
    path: `${PARTNER}/close`,
    summary: "Close a period for a partner: its statements get their numbers and never change again.",
    access: { action: "Stampbook/statements/close/action" },
    body: CloseBody,
    run: close,
  },
  {
    method: "GET",
    path: `${PARTNER}/corrections`,
    summary: "What corrections of a closed period would say, line by line, without issuing them.",
    access: READ,
    run: preview,
  },
  {
    method: "POST",
    path: `${PARTNER}/corrections`,
    summary: "Issue corrections of a closed period, so that its documents come to what is known now.",
    access: { action: "Stampbook/statements/correct/action" },
    body: CorrectBody,
    run: issue,
  },
  {
    method: "GET",
    path: "/v1/periods/:period/verification",
    summary: "Rebuild every document of a period from what was known when it was made, and compare the hashes.",
    access: READ,
    run: (context, request) => verified(verifyDocuments(context, { period: periodParam(context, request).name })),
  },
  {
    method: "GET",
    path: "/v1/documents/:number/verification",
    summary: "The same for one statement or correction.",
    access: READ,
    run: (context, request) => verified(verifyDocuments(context, { number: paramOf(request, "number") })),
  },
  {
    method: "GET",
    path: "/v1/corrections",
    summary: "List corrections; of everybody, those that the caller may see.",
    access: "signed-in",
    query: { period: "Only corrections of this billing period, for example 2024-02.", ...PAGE_QUERY },
    run: listCorrections,
  },
  {
    method: "GET",
    path: "/v1/corrections/:number",
    summary: "A correction with its lines: what was told, what is right, the difference, and why.",
    access: onPayer,
    run: showCorrection,
  },
];
