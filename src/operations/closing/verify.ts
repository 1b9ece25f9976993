import { Fault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Closing, Document, DocumentHead } from "../../domain/statement/document.ts";
import { correctionTotal, differences, standingLines } from "../../domain/statement/correction.ts";
import { contentHash, type StatementContent } from "../../domain/statement/statement.ts";
import { canonicalJson } from "../../lib/canonicalJson.ts";
import type { Context } from "../context.ts";
import { ratePeriod } from "../statements/rated.ts";
import type { RatedPeriod } from "../statements/ratedPeriod.ts";
import { withArchives } from "../usage/archives.ts";
import { periodOfClosing } from "./close.ts";
import { wholeDocuments } from "./wholeDocuments.ts";

/** What is other in a document than it was, member by member. */
export interface DocumentDifference {
  /** Null: the document itself, not one of its lines. */
  readonly line: number | null;
  readonly member: string;
  readonly kept: string;
  readonly rebuilt: string;
}

export interface Verified {
  readonly number: string;
  readonly hash: string;
  /** What is kept is what was closed. */
  readonly isKept: boolean;
  /** What was known then makes the same bytes again. */
  readonly isRebuilt: boolean;
  /** The first of them. */
  readonly differences: readonly DocumentDifference[];
}

const DIFFERENCES_MAX = 20;

type Documents = Context["control"]["documents"];

/** What the hash is made from. */
function contentOf(document: Document): object {
  const { closing: _, sequence: __, hash: ___, ...content } = document;
  return content;
}

/**
 * Rebuilds documents from what was known when they were made, and compares them with what is kept.
 * @param of a document's number, or a period
 * @throws Fault StatementNotFound, PeriodNotClosed, ArchiveDamaged, UsageEngineUnavailable
 */
export async function* verifyDocuments(
  context: Context,
  of: { readonly number: string } | { readonly period: string },
): AsyncGenerator<Verified> {
  const { documents } = context.control;
  const wanted = "number" in of ? await documents.find(of.number) : undefined;
  if ("number" in of && wanted === undefined) throw new Fault("StatementNotFound", { number: of.number });
  const closings =
    wanted === undefined
      ? await documents.closings({ period: (of as { period: string }).period })
      : [(await documents.findClosing(wanted.closing))!];
  if (closings.length === 0)
    throw new Fault("PeriodNotClosed", { period: (of as { period: string }).period, partner: "" });
  for (const closing of closings) {
    using rated = await ratedThen(context, closing);
    if (wanted !== undefined) yield await verified(documents, rated, wanted);
    else for await (const document of allOf(context, closing)) yield await verified(documents, rated, document);
  }
}

/** All documents of a closing, some at a time. */
async function* allOf(context: Context, { id, kind }: Closing): AsyncGenerator<Document> {
  const of = { closing: id, kind: kind === "close" ? "statement" : "correction", limit: LIMITS.pageRowsMax } as const;
  for (let after: string | undefined = ""; after !== undefined; ) {
    const heads: readonly DocumentHead[] = await context.control.documents.page({ ...of, after });
    for await (const documents of wholeDocuments(context, heads)) yield* documents;
    after = heads.at(-1)?.number;
  }
}

/**
 * A period as it was rated for a closing.
 * @returns to be disposed of
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function ratedThen(context: Context, closing: Closing): Promise<RatedPeriod> {
  const period = periodOfClosing(closing);
  return await withArchives(context, period, (archives) => ratePeriod(context, period, closing, archives));
}

async function verified(documents: Documents, rated: RatedPeriod, document: Document): Promise<Verified> {
  const { number } = document;
  const payer = rated.payer(document);
  const kept = contentOf(document);
  const scratch = payer && rated.statementOf(payer, rated.chargesOf(payer));
  const rebuilt = { ...kept, ...(await rebuild(documents, document, scratch)) };
  const isKept = contentHash(kept) === document.hash;
  const isRebuilt = contentHash(rebuilt) === document.hash;
  return {
    number,
    hash: document.hash,
    isKept,
    isRebuilt,
    differences: isKept && isRebuilt ? [] : differencesOf(kept, rebuilt),
  };
}

async function rebuild(
  documents: Documents,
  document: Document,
  scratch: StatementContent | undefined,
): Promise<object> {
  if (document.kind === "statement") return scratch ?? { lines: [], total: "" };
  const chain = await documents.chain(document);
  const before = chain.slice(
    0,
    chain.findIndex(({ number }) => number === document.number),
  );
  const lines = differences(standingLines(before), scratch?.lines ?? []);
  // Which causes a line has was looked up when it was made; it follows from no rating.
  const causes = new Map(document.lines.map((line) => [line.key, line.causes]));
  return {
    corrects: before.at(-1)?.number ?? null,
    total: correctionTotal(lines),
    lines: lines.map((line) => ({ ...line, causes: causes.get(line.key) ?? [] })),
  };
}

function differencesOf(kept: object, rebuilt: object): readonly DocumentDifference[] {
  const found: DocumentDifference[] = [];
  const compare = (line: number | null, a: object, b: object): void => {
    for (const member of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (member === "lines" || found.length === DIFFERENCES_MAX) continue;
      const [one, other] = [a, b].map((so) => canonicalJson((so as Record<string, unknown>)[member]));
      if (one !== other) found.push({ line, member, kept: one!, rebuilt: other! });
    }
  };
  compare(null, kept, rebuilt);
  const [own, others] = [kept, rebuilt].map((so) => (so as { readonly lines: readonly object[] }).lines);
  for (let i = 0; i < Math.max(own!.length, others!.length); i += 1) compare(i + 1, own![i] ?? {}, others![i] ?? {});
  return found;
}
