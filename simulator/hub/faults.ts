import assert from "node:assert/strict";
import { DAY_MS, HOUR_MS, type InstantMs } from "../../src/lib/instant.ts";
import { hash32 } from "../../src/lib/prng.ts";

/** What can go wrong, in the order of precedence: an answer has at most one of the faults of answers. */
export const HUB_FAULTS = {
  maintenance: "503 to everything, for days; one in so many days begins one",
  expiredToken: "401 for a token that is good; one in so many requests with a token",
  tooManyRequests: "429 with Retry-After; one in so many requests",
  unavailable: "503 with Retry-After; one in so many requests",
  unavailableWithoutRetryAfter: "503 without Retry-After; one in so many requests",
  gatewayTimeout: "504 to a query of all tenants with many rows; one in so many such queries",
  notReady: "202 to a query whose windows are complete; one in so many queries",
  cutConnection: "the connection ends in the middle of the body; one in so many requests",
  truncatedBody: "the body ends in the middle, and nothing tells that there was more; one in so many requests",
  slow: "the answer takes long; one in so many requests",
  clockSkew: "the Hub's clock is wrong; 1 switches it on",
  lateRows: "rows that a window has only when it is read again hours later; one in so many resource hours",
  repeatedRows: "rows that a window has twice; one in so many rows",
  changedRows: "rows with another quantity when they are read again hours later; one in so many rows",
  deletedSubscriptions: "subscriptions that are deleted and no longer listed, with usage; one in so many",
} as const;
export type HubFault = keyof typeof HUB_FAULTS;
export const HUB_FAULT_NAMES = Object.keys(HUB_FAULTS) as readonly HubFault[];

/** How each fault shows, where there is something to choose. */
export const FAULT_SHAPES = {
  retryAfterSeconds: { value: 1, doc: "what Retry-After says" },
  slowMs: { value: 2_000, doc: "milliseconds of the machine by which a slow answer is late" },
  gatewayTimeoutRowsMin: { value: 0, doc: "only queries of all tenants with more rows than this can get 504" },
  clockSkewMs: { value: 420_000, doc: "milliseconds by which a wrong clock goes ahead; behind where negative" },
  lateHoursMax: { value: 24, doc: "late and changed rows are so at most so many hours after their window's end" },
  maintenanceDaysMax: { value: 3, doc: "no maintenance is longer" },
  processingMinutes: { value: 10, doc: "so long after its end a window is not complete, and gets 202" },
} as const;
export type FaultShape = keyof typeof FAULT_SHAPES;
export const FAULT_SHAPE_NAMES = Object.keys(FAULT_SHAPES) as readonly FaultShape[];
export type FaultShapes = Readonly<Record<FaultShape, number>>;

const SHAPES = Object.fromEntries(
  FAULT_SHAPE_NAMES.map((name) => [name, FAULT_SHAPES[name].value]),
) as unknown as FaultShapes;

/** Every fault at a rate that a client which tries again can live with. */
const ALL_ONE_IN: Readonly<Record<HubFault, number>> = {
  maintenance: 15,
  expiredToken: 40,
  tooManyRequests: 40,
  unavailable: 40,
  unavailableWithoutRetryAfter: 40,
  gatewayTimeout: 4,
  notReady: 40,
  cutConnection: 40,
  truncatedBody: 40,
  slow: 200,
  clockSkew: 1,
  lateRows: 200,
  repeatedRows: 500,
  changedRows: 1_000,
  deletedSubscriptions: 5,
};

/** How often a fault occurs: once in so many; 0 is never. */
export type FaultRates = Partial<Readonly<Record<HubFault, number>>>;
/** Part of the rates that decide which rows there are; pages that belong together keep them. */
export type RowFaultRates = Readonly<Record<"lateRows" | "repeatedRows" | "changedRows", number>>;

export interface FaultOptions {
  /** Every fault, or only some of them. */
  readonly rates?: "all" | FaultRates;
  readonly shapes?: Partial<FaultShapes>;
}

export interface HubFaults {
  readonly shapes: FaultShapes;
  /** Which faults occur, and how often: once in so many. */
  rates(): Readonly<Record<HubFault, number>>;
  set(rates: "all" | "none" | FaultRates): void;
  /** The next so many occasions of a fault have it for sure, before anything that the rates say. */
  force(fault: HubFault, times?: number): void;
  /** How often each fault occurred. */
  counts(): Readonly<Record<HubFault, number>>;
  /** Whether this occasion has the fault, by its number; counts it. */
  occurs(fault: HubFault): boolean;
  /** Whether it has, by numbers that name the occasion: the same answer each time, and not counted. */
  holds(fault: HubFault, ...occasion: readonly [number, number?]): boolean;
  count(fault: HubFault, times?: number): void;
  /** Until when a maintenance lasts that an instant lies in; undefined when there is none. */
  maintenanceUntil(nowMs: InstantMs): InstantMs | undefined;
}

const none = (): Record<HubFault, number> =>
  Object.fromEntries(HUB_FAULT_NAMES.map((name) => [name, 0])) as Record<HubFault, number>;

/** A seeded plan of faults: which request has which follows from the seed and the request's number. */
export function createFaults(seed: number, { rates = {}, shapes: chosen = {} }: FaultOptions): HubFaults {
  const shapes = { ...SHAPES, ...chosen };
  const oneIn = none();
  const counted = none();
  const occasions = none();
  const forced = none();
  const numberOf = (fault: HubFault): number => 100 + HUB_FAULT_NAMES.indexOf(fault);
  const holds = (fault: HubFault, a: number, b = 0): boolean =>
    oneIn[fault] > 0 && hash32(seed, numberOf(fault), a, b) % oneIn[fault] === 0;
  const set = (to: "all" | "none" | FaultRates): void => {
    const changes = to === "all" ? ALL_ONE_IN : to === "none" ? none() : to;
    for (const [name, rate = 0] of Object.entries(changes)) {
      assert(name in oneIn && Number.isSafeInteger(rate) && rate >= 0, `no rate of a fault: ${name}=${rate}`);
      oneIn[name as HubFault] = rate;
    }
  };
  const maintenanceUntil = (nowMs: InstantMs): InstantMs | undefined => {
    const today = Math.floor(nowMs / DAY_MS);
    for (let day = today; day > today - shapes.maintenanceDaysMax - 1; day -= 1) {
      if (!holds("maintenance", day)) continue;
      const hash = hash32(seed, day, 99);
      const untilMs = day * DAY_MS + (1 + (hash % (shapes.maintenanceDaysMax * 24))) * HOUR_MS;
      if (nowMs < untilMs) return untilMs;
    }
    return undefined;
  };
  set(rates);
  return {
    shapes,
    rates: () => ({ ...oneIn }),
    set,
    force: (fault, times = 1) => void (forced[fault] += times),
    counts: () => ({ ...counted }),
    count: (fault, times = 1) => void (counted[fault] += times),
    holds,
    maintenanceUntil,
    occurs(fault) {
      occasions[fault] += 1;
      const sure = forced[fault] > 0;
      if (sure) forced[fault] -= 1;
      if (!sure && !holds(fault, occasions[fault])) return false;
      counted[fault] += 1;
      return true;
    },
  };
}
