import type { Fault } from "../faults/fault.ts";
import { invalidProperty } from "./reportedRange.ts";

/** What a client says of the prices that it wants. */
export interface RateCardFilter {
  readonly offerDurableId: string;
  readonly currency: string;
  readonly locale: string;
  readonly regionInfo: string;
}

const NAMES: Readonly<Record<string, keyof RateCardFilter>> = {
  offerdurableid: "offerDurableId",
  currency: "currency",
  locale: "locale",
  regioninfo: "regionInfo",
};

const TERM = /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/i;
const FILTER_CHARS_MAX = 1_024;

/**
 * `OfferDurableId eq '…' and Currency eq '…' and Locale eq '…' and RegionInfo eq '…'`, in any order and case; each of the
 * four once (contract/usage.md §1).
 * @throws Fault InvalidProperty
 */
export function parseRateCardFilter(text: string): RateCardFilter {
  const invalid = (reason: string): Fault => invalidProperty("$filter", text.slice(0, FILTER_CHARS_MAX), reason);
  if (text.length > FILTER_CHARS_MAX) throw invalid(`it has more than ${FILTER_CHARS_MAX} characters`);
  const found: Partial<Record<keyof RateCardFilter, string>> = {};
  for (const part of text.split(/\sand\s/i)) {
    const [, name = "", value = ""] = TERM.exec(part) ?? [];
    const term = NAMES[name.toLowerCase()];
    if (term === undefined) throw invalid("it joins OfferDurableId, Currency, Locale and RegionInfo eq '…' by and");
    if (found[term] !== undefined) throw invalid(`${name} is there twice`);
    found[term] = value.replaceAll("''", "'");
  }
  const { offerDurableId, currency, locale, regionInfo } = found;
  if (!offerDurableId || !currency || !locale || !regionInfo) {
    throw invalid("OfferDurableId, Currency, Locale and RegionInfo are all needed");
  }
  return { offerDurableId, currency, locale, regionInfo };
}
