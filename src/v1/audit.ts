import type { FastifyRequest } from "fastify";
import { type Broken, toldRecord } from "../domain/audit/chain.ts";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Answer, Route } from "../http/route.ts";
import { verifyAudit } from "../operations/audit/verify.ts";
import type { Context } from "../operations/context.ts";
import { instantQuery, queryOf, wholeOf } from "./input.ts";

const ACCESS = { action: "Stampbook/audit/read" };

async function list({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const limit = wholeOf("limit", queryOf(request, "limit"), { fallback: 100, min: 1, max: LIMITS.pageRowsMax });
  const before = wholeOf("before", queryOf(request, "before"), {
    fallback: Number.MAX_SAFE_INTEGER,
    min: 1,
    max: 999_999_999_999,
  });
  const [target, actor, outcome] = ["target", "actor", "outcome"].map((name) => queryOf(request, name));
  const entries = await control.audit.list(
    { target, actor, outcome, sinceMs: instantQuery(request, "since") },
    { before, limit },
  );
  return { status: 200, body: { value: entries.map((entry) => ({ ...toldRecord(entry), hash: entry.hash })) } };
}

const EXPLANATIONS: Readonly<Record<Broken["why"], string>> = {
  missing: "is missing: the next one that is there has a higher number",
  altered: "does not fit its hash: it, or the one before it, was changed",
  unchained: "has no hash, although the chain has begun before it",
};

const HASH = /^[0-9a-f]{64}$/i;

async function verify({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const wanted = queryOf(request, "head");
  if (wanted !== undefined && !HASH.test(wanted)) {
    const reason = "the 64 hex digits of a hash are needed";
    throw new Fault("InvalidParameter", { parameter: "head", value: wanted, reason }, { target: "head" });
  }
  const { broken, headFoundAt, ...found } = await verifyAudit(control, wanted?.toLowerCase());
  const body = {
    intact: broken === undefined && (wanted === undefined || headFoundAt !== undefined),
    ...found,
    broken: broken === undefined ? null : { ...broken, explanation: EXPLANATIONS[broken.why] },
    headFoundAt: headFoundAt ?? null,
  };
  return { status: 200, body };
}

export const AUDIT_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/audit",
    summary: "The audit, newest first: who did what, from where, and what was refused.",
    access: ACCESS,
    query: {
      target: "How the target starts, in any case.",
      actor: "Name or object id of who did it.",
      outcome: "`done`, the code of a refusal, or `refused` for all of them.",
      since: "Not older than this instant.",
      before: "Only records with a smaller number: that of the last one of the page before.",
      limit: "How many records to give, 100 unless said.",
    },
    run: list,
  },
  {
    method: "GET",
    path: "/v1/audit/verification",
    summary: "Follow the chain of hashes through the whole audit and tell the first record that is not in order.",
    access: ACCESS,
    query: { head: "Hash of a record, noted earlier, that must still be there." },
    run: verify,
  },
];
