import type { FastifyRequest } from "fastify";
import { LIMITS } from "../domain/limits.ts";
import type { PageOf } from "../domain/statement/store.ts";
import { limitOf, numberAfter, queryOf } from "./input.ts";

/** What a list that comes in pages takes. */
export const PAGE_QUERY = {
  after: "Where the page before ended: its next.",
  limit: "How many to give, 1,000 unless said.",
};

/**
 * The page that is asked for.
 * @param rows in the order of their numbers
 * @throws Fault InvalidParameter
 */
export function pageOf<Row extends { readonly id: number }>(
  request: FastifyRequest,
  rows: readonly Row[],
): { readonly rows: readonly Row[]; readonly next: { readonly next?: number } } {
  const [after, limit] = [numberAfter(request), limitOf(request)];
  const rest = rows.filter(({ id }) => id > after);
  const page = rest.slice(0, limit);
  return { rows: page, next: rest.length > limit ? { next: page.at(-1)!.id } : {} };
}

interface Numbered {
  readonly number: string;
}

/** Documents that are read at once for a page: more than a page has room for, so that one read is enough for most. */
const DOCUMENTS_READ = LIMITS.pageRowsMax + 1;

/**
 * The page of documents that is asked for; `after` is the number that the page before ended with.
 * @param read the documents after a number, in their order; "" for the first ones
 * @param allowed those of them that the caller may see
 * @throws Fault InvalidParameter
 */
export async function documentPage<Row extends Numbered>(
  request: FastifyRequest,
  read: (of: PageOf) => Promise<readonly Row[]>,
  allowed: (rows: readonly Row[]) => Promise<readonly Row[]>,
): Promise<{ readonly value: readonly Row[]; readonly next?: string }> {
  const limit = limitOf(request);
  const value: Row[] = [];
  for (let after = queryOf(request, "after") ?? ""; value.length <= limit; ) {
    const rows = await read({ after, limit: DOCUMENTS_READ });
    value.push(...(await allowed(rows)));
    if (rows.length < DOCUMENTS_READ) break;
    after = rows.at(-1)!.number;
  }
  return value.length > limit ? { value: value.slice(0, limit), next: value[limit - 1]!.number } : { value };
}
