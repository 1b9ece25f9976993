import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../domain/access/caller.ts";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { Bucket } from "../lib/bucket.ts";
import { type InstantMs, SECOND_MS } from "../lib/instant.ts";
import type { Context, RequestLimits } from "../operations/context.ts";

type Spent = "reads" | "writes" | "deletes";

const SPENT: Readonly<Record<string, Spent>> = { GET: "reads", HEAD: "reads", DELETE: "deletes" };
const spentBy = ({ method }: Pick<FastifyRequest, "method">): Spent => SPENT[method] ?? "writes";

const headersOf = (of: string): Readonly<Record<Spent, string>> => ({
  reads: `x-ms-ratelimit-remaining-${of}-reads`,
  writes: `x-ms-ratelimit-remaining-${of}-writes`,
  deletes: `x-ms-ratelimit-remaining-${of}-deletes`,
});
const IN_SUBSCRIPTION = headersOf("subscription");
const ELSEWHERE = headersOf("tenant");

/** What one caller may still send to one subscription, or to what is in none. */
export class Budget {
  readonly subscription: string | undefined;
  readonly #limits: RequestLimits;
  readonly #buckets: Readonly<Record<Spent, Bucket>>;

  constructor(subscription: string | undefined, limits: RequestLimits, nowMs: InstantMs) {
    const { readsPerMinuteMax: reads, writesPerMinuteMax: writes } = limits;
    this.subscription = subscription;
    this.#limits = limits;
    this.#buckets = {
      reads: new Bucket(reads, nowMs),
      writes: new Bucket(writes, nowMs),
      deletes: new Bucket(writes, nowMs),
    };
  }

  /** Spends one request and tells in the answer how many are left (contract/registration.md §5.4); false when none was. */
  spend(request: Pick<FastifyRequest, "method">, reply: Pick<FastifyReply, "header">, nowMs: InstantMs): boolean {
    const spent = spentBy(request);
    const left = this.#buckets[spent].take(nowMs);
    const headers = this.subscription === undefined ? ELSEWHERE : IN_SUBSCRIPTION;
    void reply.header(headers[spent], String(left ?? 0));
    return left !== undefined;
  }

  /** @throws Fault SubscriptionRequestsThrottled, TooManyRequests */
  mustSpend(request: Pick<FastifyRequest, "method">, reply: Pick<FastifyReply, "header">, nowMs: InstantMs): void {
    if (this.spend(request, reply, nowMs)) return;
    const spent = spentBy(request);
    const { readsPerMinuteMax, writesPerMinuteMax } = this.#limits;
    const params = {
      perMinute: spent === "reads" ? readsPerMinuteMax : writesPerMinuteMax,
      seconds: Math.max(1, Math.ceil(this.#buckets[spent].waitMs / SECOND_MS)),
    };
    const { subscription } = this;
    throw subscription === undefined
      ? new Fault("TooManyRequests", params)
      : new Fault("SubscriptionRequestsThrottled", { ...params, subscription });
  }
}

/**
 * The budgets of callers. Each caller has one for each subscription that is there, and one for everything else, which
 * calls for unknown subscriptions spend, too: nobody gets more by making ids up. Whoever comes through the local socket
 * is not limited.
 */
export class Throttle {
  readonly #context: Pick<Context, "clock" | "requestLimits">;
  readonly #budgets = new Map<string, Budget>();

  constructor(context: Pick<Context, "clock" | "requestLimits">) {
    this.#context = context;
  }

  budgetOf({ kind, issuer, objectId }: Caller, subscription?: string): Budget | undefined {
    if (kind === "Local") return undefined;
    const key = `${issuer ?? ""} ${objectId} ${subscription ?? ""}`;
    let budget = this.#budgets.get(key);
    if (budget === undefined) {
      // Whoever was seen first is forgotten first: its next request finds a full budget.
      if (this.#budgets.size >= LIMITS.throttleBudgetsMax) this.#budgets.delete(this.#budgets.keys().next().value!);
      budget = new Budget(subscription, this.#context.requestLimits, this.#context.clock.now());
      this.#budgets.set(key, budget);
    }
    return budget;
  }
}
