import type { FastifyRequest } from "fastify";
import { limitOf, numberAfter } from "./input.ts";

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
