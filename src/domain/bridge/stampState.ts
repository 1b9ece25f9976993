import assert from "node:assert/strict";
import { HOUR_MS, type InstantMs } from "../../lib/instant.ts";
import { isFinal, type ReadingRules, type RecentWindow } from "./windows.ts";

/** A window as it was read last. */
export interface WindowRead extends RecentWindow {
  readonly rows: number;
  /** Equal for equal rows, in any order. */
  readonly digest: string;
  /** How often it was read. */
  readonly readings: number;
}

/** A reading whose rows wait in a file for the server. */
export interface SpooledReading extends WindowRead {
  /** Counts the deliveries of a stamp, without a gap. */
  readonly number: number;
  readonly file: string;
  readonly bytes: number;
}

/** Readings that left in a bundle. Their files are kept until the other side's receipt comes back. */
export interface SentBundle {
  readonly number: number;
  /** Of what it brings, equal however often it is written. */
  readonly content: string;
  /** That of the bundle before it; empty for the first. */
  readonly after: string;
  readonly createdAt: string;
  readonly readings: readonly SpooledReading[];
}

export interface KnownSubscription {
  readonly localSubscription: string;
  readonly tenant: string;
  readonly owner: string;
  readonly offer: string;
  readonly displayName: string;
  readonly state: string;
}

export interface DeliveredCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly parked: number;
  readonly rejected: number;
}

/** All that a bridge knows of a stamp, kept durable as one whole. */
export interface StampState {
  readonly version: 1;
  readonly cursorMs: InstantMs;
  /** Windows that will be read again, by start. */
  readonly recent: readonly WindowRead[];
  readonly nextNumber: number;
  /** What waits to be delivered, by number. */
  readonly spool: readonly SpooledReading[];
  /** Deliveries of which the server rejected rows. Their files are kept: no row that was read is thrown away. */
  readonly setAside: readonly SpooledReading[];
  /** Bundles without a receipt, by number. */
  readonly bundles: readonly SentBundle[];
  readonly nextBundle: number;
  /** Content of the newest bundle; empty before the first. */
  readonly lastBundle: string;
  /** Local subscriptions that were ever seen on the stamp, deleted ones too. */
  readonly known: readonly KnownSubscription[];
  /** Whether the server knows them as they are. */
  readonly knownDelivered: boolean;
  /** Ids that only rows have named: a subscription may be made and deleted between two looks at the list. */
  readonly seenInRows: readonly string[];
  readonly skewMs: number;
  readonly deliveries: number;
  readonly delivered: DeliveredCounts;
}

export const startState = (cursorMs: InstantMs): StampState => ({
  version: 1,
  cursorMs,
  recent: [],
  nextNumber: 1,
  spool: [],
  setAside: [],
  bundles: [],
  nextBundle: 1,
  lastBundle: "",
  known: [],
  knownDelivered: true,
  seenInRows: [],
  skewMs: 0,
  deliveries: 0,
  delivered: { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 },
});

/** Every reading whose file has to stay. */
export const keptReadings = ({ spool, setAside, bundles }: StampState): readonly SpooledReading[] => [
  ...spool,
  ...setAside,
  ...bundles.flatMap(({ readings }) => readings),
];

export const spooledBytes = (state: StampState): number =>
  keptReadings(state).reduce((sum, { bytes }) => sum + bytes, 0);

export type Reading = Omit<WindowRead, "readings" | "confirmTries"> & {
  /** Where its rows are; none where there is nothing to deliver. */
  readonly file?: { readonly name: string; readonly bytes: number };
  readonly localSubscriptions: ReadonlySet<string>;
};

/** Whether a reading told what the one before it did, so that nothing of it has to be delivered. */
export const isUnchanged = (
  state: StampState,
  { startMs, rows, digest }: Pick<WindowRead, "startMs" | "rows" | "digest">,
): boolean =>
  rows === 0 || state.recent.some((so) => so.startMs === startMs && so.rows === rows && so.digest === digest);

/** A window was read to its end. Only now, with its rows durable, the cursor may pass it. */
export function afterReading(state: StampState, reading: Reading, rules: ReadingRules): StampState {
  const { file, localSubscriptions, ...facts } = reading;
  assert(facts.startMs <= state.cursorMs, "windows are read in order and without a gap");
  const before = state.recent.find(({ startMs }) => startMs === facts.startMs);
  const window: WindowRead = { ...facts, confirmTries: 0, readings: (before?.readings ?? 0) + 1 };
  const others = state.recent.filter(({ startMs }) => startMs !== facts.startMs);
  const recent = [...others, window].filter((so) => !isFinal(so, rules)).sort((a, b) => a.startMs - b.startMs);
  const named = new Set(state.known.map(({ localSubscription }) => localSubscription));
  const spooled: readonly SpooledReading[] =
    file === undefined ? [] : [{ ...window, number: state.nextNumber, file: file.name, bytes: file.bytes }];
  return {
    ...state,
    cursorMs: Math.max(state.cursorMs, facts.startMs + HOUR_MS),
    recent,
    spool: [...state.spool, ...spooled],
    nextNumber: state.nextNumber + spooled.length,
    seenInRows: [...new Set([...state.seenInRows, ...localSubscriptions])].filter((id) => !named.has(id)),
  };
}

/** The stamp was too slow once more for a window as a whole; what it told subscription by subscription stays. */
export function afterVainConfirmation(
  state: StampState,
  { startMs, readAtMs }: Pick<WindowRead, "startMs" | "readAtMs">,
  rules: ReadingRules,
): StampState {
  const recent = state.recent.map((so) =>
    so.startMs === startMs ? { ...so, readAtMs, confirmTries: so.confirmTries + 1 } : so,
  );
  return { ...state, recent: recent.filter((so) => !isFinal(so, rules)) };
}

/** The server has a delivery durable. Where it rejected rows of it, the file stays. */
export function afterDelivery(state: StampState, number: number, counts: DeliveredCounts): StampState {
  const [first, ...rest] = state.spool;
  assert(first?.number === number, "deliveries are made in order");
  const { delivered } = state;
  return {
    ...state,
    spool: rest,
    setAside: counts.rejected === 0 ? state.setAside : [...state.setAside, first],
    deliveries: state.deliveries + 1,
    delivered: {
      accepted: delivered.accepted + counts.accepted,
      duplicate: delivered.duplicate + counts.duplicate,
      conflict: delivered.conflict + counts.conflict,
      parked: delivered.parked + counts.parked,
      rejected: delivered.rejected + counts.rejected,
    },
  };
}

/** The stamp's list of local subscriptions. Those that are gone from it stay known, as deleted. */
export function afterListing(state: StampState, listed: readonly KnownSubscription[]): StampState {
  const byId = new Map(state.known.map((so) => [so.localSubscription, { ...so, state: "Deleted" }]));
  for (const so of listed) byId.set(so.localSubscription, so);
  const known = [...byId.values()].sort((a, b) => (a.localSubscription < b.localSubscription ? -1 : 1));
  const isSame = JSON.stringify(known) === JSON.stringify(state.known);
  return {
    ...state,
    known,
    knownDelivered: state.knownDelivered && isSame,
    seenInRows: state.seenInRows.filter((id) => !byId.has(id)),
  };
}

/** The server knows the local subscriptions that were sent to it, unless others were listed in between. */
export const afterSubscriptionsDelivered = (state: StampState, sent: readonly KnownSubscription[]): StampState =>
  state.known === sent ? { ...state, knownDelivered: true } : state;

/** Everything that was set aside is delivered once more: what the server has by now is a duplicate there. */
export function againSetAside(state: StampState): StampState {
  const again = state.setAside.map((so, i) => ({ ...so, number: state.nextNumber + i }));
  return { ...state, setAside: [], spool: [...state.spool, ...again], nextNumber: state.nextNumber + again.length };
}

/** What waited went into a bundle, which is durable. */
export function afterExport(
  state: StampState,
  { content, createdAt }: Pick<SentBundle, "content" | "createdAt">,
): StampState {
  const bundle = { number: state.nextBundle, content, after: state.lastBundle, createdAt, readings: state.spool };
  return {
    ...state,
    spool: [],
    knownDelivered: true,
    bundles: [...state.bundles, bundle],
    nextBundle: state.nextBundle + 1,
    lastBundle: content,
  };
}

/** The other side has a bundle; its files may go. */
export const afterReceipt = (state: StampState, number: number): StampState => ({
  ...state,
  bundles: state.bundles.filter((so) => so.number !== number),
});

/** Every id that a query for one local subscription at a time has to name. */
export const subscriptionsToAsk = ({ known, seenInRows }: StampState): readonly string[] => [
  ...known.map(({ localSubscription }) => localSubscription),
  ...seenInRows,
];
