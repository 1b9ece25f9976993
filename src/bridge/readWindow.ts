import { retryDelayMs, type RetryRules } from "../domain/bridge/retry.ts";
import { readUsagePage, type UsagePage } from "../domain/bridge/usagePage.ts";
import { formatInstant, HOUR_MS, type InstantMs } from "../lib/instant.ts";
import type { SpoolFile } from "./spoolFile.ts";
import type { StampClient } from "./stampClient.ts";
import type { Bell, Surroundings } from "./surroundings.ts";
import { passesSoon, Trouble } from "./trouble.ts";

export interface WindowSource {
  readonly client: StampClient;
  readonly providerSubscription: string;
  readonly retry: RetryRules;
  readonly surroundings: Surroundings;
  readonly bell: Bell;
  readonly signal: AbortSignal;
  /** Hears of each try that failed. */
  readonly onTrouble: (trouble: Trouble) => void;
  /** Hears how many rows came with a page. */
  readonly onRows: (rows: number) => void;
}

/** A page is asked for so often before the window is begun anew. */
const TRIES_MAX = 8;
/** More pages than any stamp has in an hour: a chain of links that leads in a circle ends here. */
const PAGES_MAX = 100_000;

/**
 * Reads a reported hour with one query for all tenants.
 * @throws Trouble; of kind too-slow where the stamp gives up on so large an answer. SpoolFull
 */
export async function readAllTenants(
  source: WindowSource,
  startMs: InstantMs,
  into: SpoolFile,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  await readPages(source, queryOf(source, startMs), async (page) => {
    for (const id of page.localSubscriptions) named.add(id);
    await into.write(page.rows);
  });
  return named;
}

/**
 * Reads it with one query for each local subscription, as Microsoft's own tool does since the other way ran into the
 * time limit of large stamps (contract/usage.md §4).
 * @param isGone a subscription of the stamp's past, which it may not answer for any more
 * @throws Trouble, SpoolFull
 */
export async function readEachSubscription(
  source: WindowSource,
  startMs: InstantMs,
  into: SpoolFile,
  asked: readonly { readonly id: string; readonly isGone: boolean }[],
): Promise<void> {
  for (const { id, isGone } of asked) {
    try {
      await readPages(source, queryOf(source, startMs, id), (page) => into.write(page.rows));
    } catch (error) {
      const isUnknown = error instanceof Trouble && error.code === "SubscriberIdIsNotDirectTenant";
      if (!isGone || !isUnknown) throw error;
    }
  }
}

function queryOf({ providerSubscription }: WindowSource, startMs: InstantMs, subscriber?: string): string {
  const query = new URLSearchParams({
    "api-version": "2015-06-01-preview",
    reportedStartTime: formatInstant(startMs),
    reportedEndTime: formatInstant(startMs + HOUR_MS),
    aggregationGranularity: "Hourly",
    ...(subscriber === undefined ? {} : { subscriberId: subscriber }),
  });
  const provider = `/subscriptions/${encodeURIComponent(providerSubscription)}/providers/Microsoft.Commerce.Admin`;
  return `${provider}/subscriberUsageAggregates?${query.toString()}`;
}

async function readPages(source: WindowSource, first: string, take: (page: UsagePage) => Promise<void>): Promise<void> {
  let link: string | undefined = first;
  for (let pages = 0; link !== undefined; pages += 1) {
    if (pages === PAGES_MAX) throw new Trouble("refused", `the stamp's answer has more than ${PAGES_MAX} pages`);
    const page: UsagePage = await readPage(source, link);
    source.onRows(page.rows.length);
    await take(page);
    link = page.nextLink === undefined ? undefined : linkFrom(first, page.nextLink);
  }
}

/** Old stamps give the bare token (contract/usage.md §2). */
const linkFrom = (first: string, nextLink: string): string =>
  nextLink.includes("/") ? nextLink : `${first}&continuationToken=${encodeURIComponent(nextLink)}`;

async function readPage(source: WindowSource, link: string): Promise<UsagePage> {
  return await trying(source, async () => {
    const page = readUsagePage(await source.client.get(link));
    if (page === undefined) throw new Trouble("broken-body", "the stamp's answer is not a whole page of usage");
    return page;
  });
}

/** Tries again what passes soon. @throws Trouble */
export async function trying<Result>(
  { retry, surroundings, bell, signal, onTrouble }: WindowSource,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!passesSoon(error) || failures === TRIES_MAX || signal.aborted) throw error;
      onTrouble(error);
      await waitFully(bell, retryDelayMs(failures, surroundings.random(), retry, error.retryAfterMs), signal);
    }
  }
}

/** A ring does not make the other side ready earlier. */
export async function waitFully(bell: Bell, ms: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + ms;
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs = untilMs - performance.now()) {
    await bell.wait(leftMs, signal);
  }
}
