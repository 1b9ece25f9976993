import { type InstantMs, HOUR_MS, formatInstant } from "../../src/lib/instant.ts";
import { guid } from "../../src/lib/prng.ts";
import type { Random } from "./random.ts";

/** Few of each, so that records meet. */
export const STAMPS = ["north", "south", "capacity"] as const;
export type Stamp = (typeof STAMPS)[number];
export const TENANTS = [1, 2, 3].map((n) => guid(30, n));
export const CUSTOMERS = [1, 2, 3].map((n) => guid(20, n));
export const localsOf = (stamp: Stamp): readonly string[] =>
  [1, 2, 3, 4].map((n) => guid(40 + STAMPS.indexOf(stamp), n));

export const METERS = {
  priced: ["9cd92d4c-bafd-4492-b278-bedc2de8232a", "fab6eb84-500b-4a09-a8ca-7358f8bbaea5"],
  free: ["50a1aeaf-8eca-48a0-8973-a5b3077fee0d"],
  unknown: ["0badcafe-0000-4000-8000-000000000001"],
} as const;
const ALL_METERS: readonly string[] = Object.values(METERS).flat();
const RESOURCES = ["/rg/vm1", "/RG/disk-ä"];

/** Each in its canonical form first, then as others may spell it. */
const QUANTITIES: readonly (readonly string[])[] = [
  ["1", "1.0", "1e0", "10E-1"],
  ["0", "0.0", "0e3"],
  ["0.1", "0.10", "1e-1"],
  ["0.3", "3E-1"],
  ["0.000011444091796875", "1.1444091796875E-05"],
  ["0.00000000093132257461547852", "9.3132257461547852E-10"],
  ["999999999999999.999999999999999999999999999999"],
  ["24", "2.4e1"],
];
const spellingsOf = (quantity: string): readonly string[] => QUANTITIES.find(([canonical]) => canonical === quantity)!;

/** What a record says, whoever spells it. Hours count from 1970. */
export interface Facts {
  readonly local: string;
  readonly meter: string;
  readonly resource: string;
  readonly hour: number;
  readonly window: { readonly from: number; readonly hours: number };
  readonly quantity: string;
  readonly tags: string;
  /** Set where it is an event and not a stamp's record. */
  readonly event?: string;
}

export const SOURCE = "/meters/sim";

const stampKeyOf = ({ local, meter, resource, hour, window }: Facts): string =>
  [local, meter, resource.toLowerCase(), hour, window.from, window.hours].join(" ");

/** What makes it the same record (design rule 3). */
export const keyOf = (facts: Facts): string => facts.event ?? stampKeyOf(facts);

/** What it says. An event also says what identifies a stamp's record. */
export const contentOf = (facts: Facts): string =>
  `${facts.quantity} ${facts.tags} ${facts.event === undefined ? "" : stampKeyOf(facts)}`;

/** A record of one of the last hours. */
export function randomFacts(
  random: Random,
  { stamp, nowMs, isEvent }: { readonly stamp: Stamp; readonly nowMs: InstantMs; readonly isEvent: boolean },
): Facts {
  const nowHour = Math.floor(nowMs / HOUR_MS);
  // In the first hours of a month this reaches back into the month before.
  const hour = nowHour - 1 - random.below(isEvent ? 40 : 12);
  const window = isEvent || random.percent(80) ? { from: hour + 1, hours: 1 } : { from: hour + 1, hours: 2 };
  return {
    local: random.pick(localsOf(stamp)),
    meter: random.pick(ALL_METERS),
    resource: random.pick(RESOURCES),
    hour,
    window,
    quantity: random.pick(QUANTITIES)[0]!,
    tags: random.percent(70) ? "" : '{"a":"b"}',
    ...(isEvent ? { event: `event ${random.below(200)}` } : {}),
  };
}

/** The same record with other content. */
export function otherContent(random: Random, facts: Facts, nowMs: InstantMs): Facts {
  const quantity = random.pick(QUANTITIES)[0]!;
  if (facts.event === undefined || random.percent(30)) return { ...facts, quantity };
  const { hour, window, local } = randomFacts(random, { stamp: "north", nowMs, isEvent: true });
  return random.percent(50)
    ? { ...facts, quantity, hour, window: { from: window.from, hours: 1 } }
    : { ...facts, local };
}

const time = (hour: number, random: Random): string =>
  random.percent(80) ? formatInstant(hour * HOUR_MS) : formatInstant(hour * HOUR_MS).replace("Z", "+00:00");

/** The record as somebody writes it; equal facts come in many spellings. */
export function textOf(facts: Facts, random: Random): string {
  const { local, resource, hour, window, tags, event } = facts;
  const meter = random.percent(70) ? facts.meter : facts.meter.toUpperCase().replaceAll("-", random.pick(["", "-"]));
  const quantity = random.pick(spellingsOf(facts.quantity));
  const uri = random.percent(70) ? resource : resource.toUpperCase();
  const [usageStartTime, usageEndTime] = [time(hour, random), time(hour + 1, random)];
  if (event !== undefined) {
    const data = { subscriptionId: local, meterId: meter, resourceUri: uri, usageStartTime, usageEndTime };
    const said = { ...data, quantity: "@", ...(tags === "" ? {} : { tags: JSON.parse(tags) as unknown }) };
    const head = { specversion: "1.0", id: event, source: SOURCE, type: "stampbook.usage.v1" };
    const reported = formatInstant(window.from * HOUR_MS);
    return JSON.stringify({ ...head, time: reported, data: said }).replace('"@"', quantity);
  }
  const resources = { resourceUri: uri, location: "", tags: tags === "" ? random.pick(["", "null", null]) : tags };
  const instanceData = JSON.stringify({ "Microsoft.Resources": resources });
  const properties = {
    subscriptionId: local,
    usageStartTime,
    usageEndTime,
    instanceData,
    quantity: "@",
    meterId: meter,
  };
  const [reportedStartTime, reportedEndTime] = [time(window.from, random), time(window.from + window.hours, random)];
  return JSON.stringify({ reportedStartTime, reportedEndTime, properties }).replace('"@"', quantity);
}

export const monthOf = (hour: number): string => formatInstant(hour * HOUR_MS).slice(0, 7);
