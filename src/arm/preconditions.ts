import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import type { Precondition } from "../operations/precondition.ts";

const tagsOf = (header: string): readonly string[] => header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));

/** Clients send an etag with its quotation marks or without them. */
const names = (wanted: readonly string[], etag: string): boolean =>
  wanted.some((tag) => tag === etag || `"${tag}"` === etag);

/** If-Match and If-None-Match as ARM means them (contract/registration.md §7.3). */
export function preconditionOf(request: FastifyRequest): Precondition {
  const { "if-match": match, "if-none-match": noneMatch } = request.headers;
  return (etag) => {
    if (match !== undefined) {
      const met = etag !== undefined && (match.trim() === "*" || names(tagsOf(match), etag));
      if (!met) throw failed(`If-Match: ${match}`, etag);
    }
    if (noneMatch !== undefined && etag !== undefined) {
      const isIt = noneMatch.trim() === "*" || names(tagsOf(noneMatch), etag);
      if (isIt) throw failed(`If-None-Match: ${noneMatch}`, etag);
    }
  };
}

/** A removal may be asked of what is not there: then there is nothing to compare. */
export function removalPreconditionOf(request: FastifyRequest): Precondition {
  const precondition = preconditionOf(request);
  return (etag) => {
    if (etag !== undefined) precondition(etag);
  };
}

const failed = (condition: string, etag: string | undefined): Fault =>
  new Fault("PreconditionFailed", { condition, etag: etag ?? "none, for it does not exist" });
