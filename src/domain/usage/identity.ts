import { digest } from "../../lib/digest.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import type { MeterId } from "../ids.ts";
import { foldedJsonText } from "./members.ts";
import type { UsageRecord, UsedResource } from "./record.ts";

/** Which record of a registration it is, and what it says. */
export interface Identity {
  /** What makes a record the same record (design rule 3), as one text for comparing. Kept for ever. */
  readonly key: string;
  /**
   * 64 bits, as hex digits, over what stays the same from hour to hour: local subscription, meter, resource and length of
   * the reported window. With the hour and the window it tells records apart; two of one hour, window and local
   * subscription would have to meet by chance.
   */
  readonly series: string;
  /** 128 bits, as hex digits, over an event's `source` and `id`; empty for a stamp's records. */
  readonly event: string;
  /** 64 bits, as hex digits, over the rest, compared only between records of one key. */
  readonly content: string;
}

/** What identifies a stored record, as far as the store tells it. */
export interface StoredIdentity {
  readonly usageStartS: number;
  readonly reportedStartS: number;
  readonly series: string;
  readonly event: string;
}

/** An event is the same whatever it says of its hour; a stamp's record is of one hour and one reported window. */
export const keyOf = ({ event, series, usageStartS, reportedStartS }: StoredIdentity): string =>
  event === "" ? `${series} ${usageStartS} ${reportedStartS}` : event;

/** Equal for every spelling of one record: meter-id case, URI case, `1.0` and `1`, `Z` and `+00:00`. */
export function identityOf(record: UsageRecord): Identity {
  const { window, resource, quantity, usageStartMs } = record;
  const series = seriesOf(record);
  const event = record.event === undefined ? "" : digest(`${record.event.source}\n${record.event.id}`, 128);
  const [tags, additionalInfo] = [foldedJsonText(resource.tags), foldedJsonText(resource.additionalInfo)];
  const said = `${quantity}\n${resource.location}\n${tags}\n${additionalInfo}`;
  // What identifies a stamp's record is part of what an event says.
  const content = event === "" ? said : `${said}\n${series}\n${usageStartMs}\n${window.startMs}`;
  const key = keyOf({
    series,
    event,
    usageStartS: usageStartMs / SECOND_MS,
    reportedStartS: window.startMs / SECOND_MS,
  });
  return { key, series, event, content: digest(content, 64) };
}

/** The series of a resource, which is one object for all its hours; by meter, local subscription and window length. */
const known = new WeakMap<UsedResource, Map<string, string>>();

function seriesOf({ resource, localSubscription, meter, window }: UsageRecord): string {
  const length = window.endMs - window.startMs;
  let ofResource = known.get(resource);
  if (ofResource === undefined) known.set(resource, (ofResource = new Map()));
  const name = `${localSubscription}\n${meter satisfies MeterId}\n${length}`;
  let series = ofResource.get(name);
  if (series === undefined) {
    series = digest(`${name}\n${resource.uriFolded}`, 64);
    ofResource.set(name, series);
  }
  return series;
}
