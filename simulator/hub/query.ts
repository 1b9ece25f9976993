import { createHmac, timingSafeEqual } from "node:crypto";
import { DAY_MS, HOUR_MS, type InstantMs, MINUTE_MS, parseInstant } from "../../src/lib/instant.ts";
import { type HubRequest, invalid, Refused, refusal } from "./answers.ts";
import type { FaultShapes, RowFaultRates } from "./faults.ts";

/** Where a page begins: rows before it were on earlier pages. */
export interface Place {
  /** First hour of the month that it lies in. */
  readonly periodFrom: number;
  /** Place of its resource among those of the query. */
  readonly nth: number;
  /** How many rows of that resource were on earlier pages. */
  readonly rowsBefore: number;
}

/** A query of usage with everything that its later pages need, so that a token carries all of it. */
export interface UsageQuery {
  readonly startMs: InstantMs;
  readonly endMs: InstantMs;
  readonly daily: boolean;
  /** Only this local subscription. */
  readonly subscription?: string;
  /** What the Hub had at this time is what all pages show. */
  readonly asOfMs: InstantMs;
  readonly rowFaults: RowFaultRates;
  readonly caller: string;
  readonly place?: Place;
}

const signatureOf = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("base64url").slice(0, 22);

/** A text that nobody else can make. */
export const seal = (secret: string, text: string): string =>
  `${Buffer.from(text).toString("base64url")}.${signatureOf(secret, text)}`;

/** What was sealed; undefined when it was not, or not with this secret. */
export function unseal(secret: string, sealed: string): string | undefined {
  const [encoded = "", signature = ""] = sealed.split(".");
  const text = Buffer.from(encoded, "base64url").toString();
  const [is, ought] = [Buffer.from(signature), Buffer.from(signatureOf(secret, text))];
  return is.length === ought.length && timingSafeEqual(is, ought) ? text : undefined;
}

interface QueryContext {
  readonly secret: string;
  readonly caller: string;
  readonly nowMs: InstantMs;
  readonly rowFaults: RowFaultRates;
  readonly shapes: Pick<FaultShapes, "processingMinutes" | "retryAfterSeconds">;
}

/**
 * Reads a query of usage by the rules of contract/usage.md §2. With a continuation token everything comes from the
 * token: an SDK sends its own defaults along, which may contradict it.
 * @throws Refused 202 ProcessingNotComplete, 400 as in §4
 */
export function readUsageQuery({ query }: HubRequest, context: QueryContext): UsageQuery {
  const token = query.get("continuationtoken");
  if (token !== undefined) return readToken(token, context);
  const { caller, nowMs, rowFaults, shapes } = context;
  const granularity = (query.get("aggregationgranularity") ?? "daily").toLowerCase();
  if (granularity !== "daily" && granularity !== "hourly") {
    const message = "The aggregation granularity is either Daily or Hourly.";
    throw new Refused(refusal(400, "InvalidAggregationGranularity", message));
  }
  const daily = granularity === "daily";
  const stepMs = daily ? DAY_MS : HOUR_MS;
  const startMs = readTime(query, "reportedStartTime", stepMs);
  const endMs = readTime(query, "reportedEndTime", stepMs);
  if (endMs <= startMs) invalid("reportedEndTime", "it is not after reportedStartTime.");
  if (endMs > nowMs) {
    throw new Refused(refusal(400, "RequestEndTimeIsInFuture", "The reported end time is in the future."));
  }
  if (nowMs < endMs + shapes.processingMinutes * MINUTE_MS) throw new Refused(notReady(shapes.retryAfterSeconds));
  const subscription = query.get("subscriberid")?.toLowerCase();
  return {
    startMs,
    endMs,
    daily,
    asOfMs: nowMs,
    rowFaults,
    caller,
    ...(subscription === undefined ? {} : { subscription }),
  };
}

export const notReady = (retryAfterSeconds: number) =>
  refusal(202, "ProcessingNotComplete", "The usage of the requested time is not fully processed yet.", {
    "retry-after": String(retryAfterSeconds),
  });

function readTime(query: HubRequest["query"], name: string, stepMs: number): InstantMs {
  const text = query.get(name.toLowerCase());
  if (text === undefined) invalid(name, "it is missing.");
  const instantMs = parseInstant(text);
  if (instantMs === undefined) invalid(name, "it is not a time.");
  if (instantMs % stepMs !== 0)
    invalid(name, `it is not the start of ${stepMs === DAY_MS ? "a day" : "an hour"} in UTC.`);
  return instantMs;
}

function readToken(token: string, { secret, caller }: QueryContext): UsageQuery {
  const text = unseal(secret, token);
  if (text === undefined) invalid("continuationToken", "it was not given out by this stamp.");
  const query = JSON.parse(text) as UsageQuery;
  if (query.caller !== caller) invalid("continuationToken", "it was given to another caller.");
  return query;
}
