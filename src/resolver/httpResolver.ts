import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from "cockatiel";
import { LRUCache } from "lru-cache";
import type { Resolution, Resolver, UpstreamHealth } from "../domain/catalogue/resolver.ts";
import type { CatalogueSubscription } from "../domain/catalogue/subscription.ts";
import type { SubscriptionId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Clock } from "../lib/instant.ts";
import { readAnswer, UpstreamTrouble } from "./upstreamAnswer.ts";

export interface HttpResolverOptions {
  readonly url: string;
  /** For one resolution, repeated attempts and all. */
  readonly timeoutMs: number;
  /** How long an answer is used again; 0 asks every time. */
  readonly cacheMs: number;
  readonly clock: Clock;
}

/**
 * Asks an upstream service, as docs/operating/resolver.md says. Whatever goes wrong is `unreachable` within the time
 * given; nothing is guessed, and no redirect is followed: it could lead anywhere, also into the operator's own network.
 */
export function httpResolver({ url, timeoutMs, cacheMs, clock }: HttpResolverOptions): Resolver {
  const base = url.replace(/\/+$/, "");
  const totalMs = Math.min(timeoutMs, LIMITS.resolverTimeoutMsMax);
  const cache = new AnswerCache(cacheMs, clock);
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: LIMITS.resolverBreakMs,
    breaker: new ConsecutiveBreaker(LIMITS.resolverFailuresInARowMax),
  });
  const isTransient = (error: unknown): boolean =>
    error instanceof TaskCancelledError || (error instanceof UpstreamTrouble && error.transient);
  const policy = wrap(
    timeout(totalMs, TimeoutStrategy.Aggressive),
    bulkhead(LIMITS.resolverQuestionsMax, LIMITS.resolverQuestionsWaitingMax),
    retry(handleWhen(isTransient), {
      maxAttempts: LIMITS.resolverRetriesMax,
      backoff: new ExponentialBackoff({ initialDelay: LIMITS.resolverRetryDelayMsMin, maxDelay: totalMs }),
    }),
    breaker,
    // Half of the time each, so that a second attempt still has some.
    timeout(Math.ceil(totalMs / 2), TimeoutStrategy.Aggressive),
  );
  let failuresInARow = 0;
  let lastFailure: UpstreamHealth["lastFailure"];
  const failed = (reason: string): Resolution => {
    failuresInARow += 1;
    lastFailure = { reason, atMs: clock.now() };
    return { kind: "unreachable", reason };
  };
  return {
    async resolve(subscription) {
      const cached = cache.get(subscription);
      if (cached !== undefined) return cached;
      try {
        const found = await policy.execute(({ signal }) => ask(base, subscription, signal));
        failuresInARow = 0;
        if (found === undefined) return { kind: "unknown" };
        cache.set(found);
        return { kind: "found", subscription: found, source: { from: "upstream", ageMs: 0 } };
      } catch (error) {
        return failed(reasonOf(error, totalMs));
      }
    },
    health: () => ({ breaker: BREAKER_STATES[breaker.state], failuresInARow, lastFailure, ...cache.size() }),
  };
}

const BREAKER_STATES = {
  [CircuitState.Closed]: "closed",
  [CircuitState.HalfOpen]: "half-open",
  [CircuitState.Open]: "open",
  [CircuitState.Isolated]: "open",
} as const;

function reasonOf(error: unknown, totalMs: number): string {
  if (error instanceof UpstreamTrouble) return error.message;
  if (error instanceof TaskCancelledError) return `it did not answer within ${totalMs} ms`;
  if (error instanceof BrokenCircuitError) return "it has failed too often and is left alone for a while";
  if (error instanceof BulkheadRejectedError) return "too many questions are waiting for it already";
  throw error;
}

/** @throws UpstreamTrouble */
async function ask(
  base: string,
  subscription: SubscriptionId,
  signal: AbortSignal,
): Promise<CatalogueSubscription | undefined> {
  try {
    const response = await fetch(`${base}/subscriptions/${subscription}`, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal,
    });
    if (response.status === 200) return readAnswer(await readText(response), subscription);
    await response.body?.cancel();
    const isPage = response.headers.get("content-type")?.includes("html") === true;
    // A proxy's page for a service that is gone must not pass for "no such subscription".
    if (response.status === 404 && !isPage) return undefined;
    if (response.status >= 300 && response.status < 400) {
      throw new UpstreamTrouble("it redirects, and redirects are not followed");
    }
    const transient = response.status >= 500 || response.status === 429;
    throw new UpstreamTrouble(`it answered ${response.status}${isPage ? " with a web page" : ""}`, transient);
  } catch (error) {
    if (error instanceof UpstreamTrouble) throw error;
    throw signal.aborted ? new TaskCancelledError() : new UpstreamTrouble("it cannot be reached", true);
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > LIMITS.resolverBodyBytesMax) throw new UpstreamTrouble("its answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

interface Remembered {
  readonly subscription: CatalogueSubscription;
  readonly atMs: number;
}

/** Answers for a while, and not too many. That there is no such subscription is not kept: it may be made any moment. */
class AnswerCache {
  readonly #answers: LRUCache<SubscriptionId, Remembered> | undefined;
  readonly #clock: Clock;

  constructor(forMs: number, clock: Clock) {
    this.#clock = clock;
    this.#answers =
      forMs === 0
        ? undefined
        : new LRUCache({ max: LIMITS.resolverCacheAnswersMax, ttl: forMs, ttlResolution: 0, perf: clock });
  }

  get(subscription: SubscriptionId): Resolution | undefined {
    const known = this.#answers?.get(subscription);
    if (known === undefined) return undefined;
    const ageMs = this.#clock.now() - known.atMs;
    return { kind: "found", subscription: known.subscription, source: { from: "cache", ageMs } };
  }

  set(subscription: CatalogueSubscription): void {
    this.#answers?.set(subscription.subscription, { subscription, atMs: this.#clock.now() });
  }

  size(): Pick<UpstreamHealth, "cached" | "oldestAgeMs"> {
    this.#answers?.purgeStale();
    const ages = [...(this.#answers?.values() ?? [])].map(({ atMs }) => this.#clock.now() - atMs);
    const oldestAgeMs = ages.length === 0 ? undefined : ages.reduce((a, b) => Math.max(a, b));
    return { cached: ages.length, oldestAgeMs };
  }
}
