import { ElementReader } from "../../lib/jsonElements.ts";

/** What a page of a stamp's usage says. */
export interface UsagePage {
  /** The texts of the rows, digit for digit, each on one line. */
  readonly rows: readonly string[];
  /** The local subscriptions that the rows name. */
  readonly localSubscriptions: ReadonlySet<string>;
  readonly nextLink: string | undefined;
}

/** A row of a real stamp has about a kilobyte. */
const LIMITS_OF_ROWS = { itemBytesMax: 1_048_576, itemDepthMax: 64 };

/**
 * Reads an answer of the provider usage API (contract/usage.md §3). Undefined when it is not whole: a body that was cut
 * off, or is something else, is never taken, not even the rows that can be read.
 */
export function readUsagePage(body: Buffer): UsagePage | undefined {
  let page: { readonly value?: unknown; readonly nextLink?: unknown } | null;
  try {
    page = JSON.parse(body.toString("utf8")) as typeof page;
  } catch {
    return undefined;
  }
  if (page === null || typeof page !== "object") return undefined;
  const nextLink = typeof page.nextLink === "string" && page.nextLink !== "" ? page.nextLink : undefined;
  const localSubscriptions = new Set<string>();
  // A client library reads null as an empty list (contract/usage.md §4).
  if (page.value === null) return { rows: [], localSubscriptions, nextLink };
  if (!Array.isArray(page.value)) return undefined;
  for (const row of page.value as ({ readonly properties?: { readonly subscriptionId?: unknown } } | null)[]) {
    const id = row?.properties?.subscriptionId;
    if (typeof id === "string") localSubscriptions.add(id.toLowerCase());
  }
  const reader = new ElementReader("page", LIMITS_OF_ROWS);
  const items = reader.push(body);
  const end = reader.end();
  if (end.fault !== undefined) return undefined;
  const rows: string[] = [];
  for (const item of [...items, ...end.items]) {
    if (!("text" in item)) return undefined;
    // No string of JSON has a line end in it, so those that are there are space between its parts.
    rows.push(item.text.replaceAll(/[\r\n]+/g, " "));
  }
  return rows.length === page.value.length ? { rows, localSubscriptions, nextLink } : undefined;
}
