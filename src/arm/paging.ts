import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Context } from "../operations/context.ts";
import { sealed, unsealed } from "../operations/keys/seal.ts";
import { publicUrlOf } from "../http/publicUrl.ts";
import { queryOf } from "./request.ts";

export interface Page {
  /** The last key of the page before, '' for the first page. */
  readonly after: string;
  readonly limit: number;
}

const PAGE_ROWS_DEFAULT = 100;

/**
 * What `$top` and `$skipToken` ask for. The token is ours alone: it is signed, so that nobody can make one up.
 * @throws Fault InvalidParameter
 */
export async function pageOf(context: Context, request: FastifyRequest): Promise<Page> {
  const token = queryOf(request, "$skiptoken");
  const top = queryOf(request, "$top");
  const after = token === undefined ? "" : await afterOf(context, request, token);
  if (top === undefined) return { after, limit: PAGE_ROWS_DEFAULT };
  if (!/^\d{1,9}$/.test(top) || /^0+$/.test(top)) {
    const reason = `it must be a whole number from 1 to ${LIMITS.pageRowsMax}`;
    throw new Fault("InvalidParameter", { parameter: "$top", value: top, reason }, { target: "$top" });
  }
  return { after, limit: Math.min(Number.parseInt(top, 10), LIMITS.pageRowsMax) };
}

/** A token is for one collection, in whatever case it is spelled. */
const collectionOf = (request: FastifyRequest): string => request.url.split("?")[0]!.toLowerCase();

async function afterOf(context: Context, request: FastifyRequest, token: string): Promise<string> {
  const after = await unsealed(context, collectionOf(request), token);
  if (after !== undefined) return after;
  const reason = "it is none that this collection gave; start without one";
  throw new Fault("InvalidParameter", { parameter: "$skipToken", value: token, reason }, { target: "$skipToken" });
}

interface Rows<Row> {
  /** One more than the page has, if there are more: that tells that there is a next page. */
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly show: (row: Row) => unknown;
}

/**
 * A page of a collection in ARM's form: `nextLink` is absolute, keeps the query, and is left out on the last page
 * (contract/registration.md §2.4).
 */
export async function pageBody<Row>(
  context: Context,
  request: FastifyRequest,
  { limit }: Page,
  { rows, keyOf, show }: Rows<Row>,
): Promise<{ readonly value: readonly unknown[]; readonly nextLink?: string }> {
  const value = rows.slice(0, limit).map(show);
  if (rows.length <= limit) return { value };
  const token = await sealed(context, collectionOf(request), keyOf(rows[limit - 1]!));
  const next = new URL(request.url, publicUrlOf(context, request));
  for (const name of next.searchParams.keys().toArray()) {
    if (name.toLowerCase() === "$skiptoken") next.searchParams.delete(name);
  }
  next.searchParams.set("$skipToken", token);
  return { value, nextLink: next.href };
}
