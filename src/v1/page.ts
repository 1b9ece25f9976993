import type { FastifyRequest } from "fastify";
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

/** Closed documents come before drafts, whose numbers begin with a digit; among themselves they go by number. */
function byNumber({ number: a }: Numbered, { number: b }: Numbered): number {
  const isDraft = (number: string): number => (/^\d/.test(number) ? 1 : 0);
  return isDraft(a) - isDraft(b) || (a < b ? -1 : a > b ? 1 : 0);
}

interface Numbered {
  readonly number: string;
}

/**
 * The page of documents that is asked for; `after` is the number that the page before ended with.
 * @throws Fault InvalidParameter
 */
export function documentPage<Row extends Numbered>(
  request: FastifyRequest,
  rows: readonly Row[],
): { readonly value: readonly Row[]; readonly next?: string } {
  const [after, limit] = [queryOf(request, "after"), limitOf(request)];
  const rest = rows.filter((row) => after === undefined || byNumber(row, { number: after }) > 0).sort(byNumber);
  const value = rest.slice(0, limit);
  return rest.length > limit ? { value, next: value.at(-1)!.number } : { value };
}
