import type { FastifyRequest } from "fastify";
import { GRANULARITY, invalidProperty, type ReportedRange } from "../domain/commerce/reportedRange.ts";
import { COMMERCE_VERSION } from "../arm/apiVersions.ts";
import type { ReportedPlace } from "../domain/usage/store.ts";
import { askedBefore, pageToken } from "../http/pageToken.ts";
import { publicUrlOf } from "../http/publicUrl.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Snapshot } from "../operations/commerce/reported.ts";
import type { Context } from "../operations/context.ts";

/** Everything that a page follows from. */
export interface Asked {
  readonly range: ReportedRange;
  /** As it came; empty for everybody. */
  readonly subscriber: string;
  /** Undefined on the first page. */
  readonly snapshot?: Snapshot;
  readonly after?: ReportedPlace;
}

export type Continued = Asked & { readonly snapshot: Snapshot; readonly after: ReportedPlace };

/**
 * What a token stands for.
 * @param path of the collection, in its plain spelling
 * @throws Fault InvalidProperty
 */
export async function continuedFrom(
  context: Context,
  request: FastifyRequest,
  { path, token }: { readonly path: string; readonly token: string },
): Promise<Continued> {
  const asked = await askedBefore<Continued>(context, request, { path, token });
  if (asked !== undefined) return asked;
  const reason = "it is none that this caller got for this subscription; begin without one";
  throw invalidProperty("continuationToken", token, reason);
}

/**
 * An absolute address of the next page. Everything is in the token; the parameters are repeated because clients read
 * them, and some of them add their own behind (contract/usage.md §2).
 */
export async function nextLinkOf(
  context: Context,
  request: FastifyRequest,
  { path, asked }: { readonly path: string; readonly asked: Continued },
): Promise<string> {
  const { range, subscriber } = asked;
  const next = new URL(path, publicUrlOf(context, request));
  next.search = new URLSearchParams({
    "api-version": COMMERCE_VERSION,
    reportedStartTime: formatInstant(range.fromMs),
    reportedEndTime: formatInstant(range.toMs),
    aggregationGranularity: GRANULARITY[range.unit],
    ...(subscriber === "" ? {} : { subscriberId: subscriber }),
    continuationToken: await pageToken(context, request, { path, asked }),
  }).toString();
  return next.href;
}
