import { hourStartMs } from "../src/domain/ids.ts";
import { mix32 } from "../src/lib/prng.ts";
import { dotNetDouble } from "./dotNetNumber.ts";
import { type Plan, type Sketch, sketchOf } from "./plan.ts";
import { buildResource, quantityOf, type Resource, type ResourceMeter } from "./resource.ts";
import type { Stamp } from "./stamps.ts";
import type { World } from "./world.ts";

/** One row of a stamp's answer, before it is text. */
export interface UsageRow {
  readonly resource: Resource;
  readonly meter: ResourceMeter;
  /** Counted from the period's start. */
  readonly hour: number;
  /** As printed in the record. */
  readonly quantityText: string;
  /** This reading tells another quantity than the one before. */
  readonly conflicting: boolean;
}

/** A row is reported at the latest in the window that begins this many hours after its usage hour does. */
export const DELAY_HOURS_MAX = 24;
const LATE_DELAY_HOURS_MIN = 3;
/** One in a hundred resource hours is late. */
const LATE_BELOW = Math.floor(0x1_0000_0000 / 100);
const SECOND_CONFLICTING_ROW = 4;
/** Texts of this many resources, 2 KB each, are kept while a stamp is read; further ones are built each time. */
const CACHED_RESOURCES_MAX = 65_536;

/** One reading of a stamp from the first window to the last. */
export interface Reading {
  readonly world: World;
  readonly stamp: Stamp;
  readonly plan: Plan;
  readonly cache: Resource[];
  readonly periodHours: number;
}

export function startReading(world: World, stamp: Stamp): Reading {
  return { world, stamp, plan: world.plan(stamp), cache: [], periodHours: world.period.to - world.period.from };
}

export const periodStartMs = ({ world }: Pick<Reading, "world">): number => hourStartMs(world.period.from);

/** Hours between a resource's usage hour and the window that reports it: the same for all its rows of that hour. */
export function delayHours({ hash, kind }: Sketch, hour: number): number {
  const x = mix32(hash ^ Math.imul(hour + 1, 0x9e3779b1));
  if (x < LATE_BELOW) return LATE_DELAY_HOURS_MIN + (x % (DELAY_HOURS_MAX - LATE_DELAY_HOURS_MIN + 1));
  if (kind === "vm") return x % 8 < 3 ? 2 : 1;
  return kind === "disk" && hash % 10 < 3 ? 0 : 1;
}

/** Which rows of a stamp are wanted. */
export interface Wanted {
  /** Reported windows from this one on, counted in hours from the period's start. */
  readonly fromWindow: number;
  /** The first window that is no longer wanted. */
  readonly toWindow: number;
  /** Two of the rows tell another quantity. */
  readonly withConflicts?: boolean;
  /** Only these resources, in this order; all of them otherwise. */
  readonly indices?: Uint32Array;
  /** How many of the resources to leave out, because they were read before. */
  readonly resourcesBefore?: number;
}

/** Whose usage hours are reported in the windows, resource by resource; nothing but the cache is kept. */
export function* rowsOfWindows(reading: Reading, wanted: Wanted): Generator<UsageRow> {
  const { fromWindow, toWindow, withConflicts = false, indices, resourcesBefore = 0 } = wanted;
  const count = indices?.length ?? reading.plan.resources;
  let ordinal = 0;
  for (let nth = resourcesBefore; nth < count; nth += 1) {
    const index = indices?.[nth] ?? nth;
    let resource = reading.cache[index];
    const sketch = resource?.sketch ?? sketchOf(reading.plan, index);
    const firstHour = Math.max(sketch.fromHour, fromWindow - DELAY_HOURS_MAX);
    const lastHour = Math.min(sketch.toHour, toWindow) - 1;
    for (let hour = firstHour; hour <= lastHour; hour += 1) {
      const window = hour + delayHours(sketch, hour);
      if (window < fromWindow || window >= toWindow) continue;
      resource ??= loadResource(reading, sketch);
      for (let slot = 0; slot < resource.meters.length; slot += 1) {
        const conflicting = withConflicts && (ordinal === 0 || ordinal === SECOND_CONFLICTING_ROW);
        yield rowOf(resource, slot, hour, conflicting);
        ordinal += 1;
      }
    }
  }
}

function loadResource({ world, plan, cache, periodHours }: Reading, sketch: Sketch): Resource {
  const resource = buildResource(world, plan, sketch, periodHours / 24);
  if (sketch.index < CACHED_RESOURCES_MAX) cache[sketch.index] = resource;
  return resource;
}

/** The row of one meter of a resource in an hour. */
export function rowOf(resource: Resource, slot: number, hour: number, conflicting: boolean): UsageRow {
  const meter = resource.meters[slot]!;
  const quantity = quantityOf(resource, slot, hour);
  if (conflicting) return { resource, meter, hour, quantityText: dotNetDouble(quantity * 2), conflicting };
  if (quantity !== meter.printed) {
    meter.printed = quantity;
    meter.printedText = dotNetDouble(quantity);
  }
  return { resource, meter, hour, quantityText: meter.printedText, conflicting };
}
