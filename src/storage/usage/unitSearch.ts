import { DAY_MS, SECOND_MS } from "../../lib/instant.ts";

/**
 * A page is searched for in so many units of time, then in four times as much, and so on up to the most. Where there is
 * nothing it goes on growing, so that an empty century costs a dozen questions.
 */
const SEARCHED_UNITS_MIN = 4;
const SEARCH_GROWTH = 4;
const SEARCHED_MS_MAX = 64 * DAY_MS;
/** The units that are counted at a time, the earliest ones; more are never needed for a page. */
export const COUNTED_UNITS_MAX = 2_000;

/** Entries that are sorted or added up for a page, unless a single unit has more. */
const ENTRIES_MAX = 100_000;

/** Half-open, in milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A unit, how many entries of it add a version, and how many end one where that is asked. */
export type UnitCount = [unitS: number, entries: number, ends?: number];

/** Rows whose order begins with a unit of time, such as the hour. */
export interface UnitSearch<Row> extends Stretch {
  readonly unitMs: number;
  readonly limit: number;
  /** Entries that one row adds up. */
  readonly entriesPerRowMax: number;
  /** How many entries each unit of a stretch has that a page might need; units without any are left out. The first `COUNTED_UNITS_MAX`. */
  readonly count: (stretch: Stretch) => Promise<readonly UnitCount[]>;
  /** @param hasEnds whether entries in the stretch may have been ended */
  readonly read: (stretch: Stretch, limit: number, hasEnds: boolean) => Promise<readonly Row[]>;
}

/** Rows that can be read up to a limit without adding up or comparing anything. */
export interface PlainSearch<Row> extends Stretch {
  readonly unitMs: number;
  readonly limit: number;
  /** Whether rows are read in their order, so that as few are read as are wanted however long the stretch is. */
  readonly isInOrder: boolean;
  readonly read: (stretch: Stretch, limit: number) => Promise<readonly Row[]>;
}

/** A page of such rows, from stretches that become longer. */
export async function searchPlainly<Row>({
  toMs,
  unitMs,
  limit,
  isInOrder,
  read,
  ...from
}: PlainSearch<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  let { fromMs } = from;
  let searchedMs = isInOrder ? toMs - fromMs : unitMs;
  while (fromMs < toMs && rows.length < limit) {
    const stretch = { fromMs, toMs: Math.min(toMs, fromMs + searchedMs) };
    searchedMs *= SEARCH_GROWTH;
    rows.push(...(await read(stretch, limit - rows.length)));
    fromMs = stretch.toMs;
  }
  return rows;
}

/**
 * A page of rows. It needs few units: how many entries each of the next ones has is counted first, and only as many are
 * read as a page may need.
 */
export async function searchUnits<Row>(search: UnitSearch<Row>): Promise<Row[]> {
  const { unitMs, limit, toMs, entriesPerRowMax } = search;
  const rows: Row[] = [];
  let { fromMs } = search;
  let searchedMs = SEARCHED_UNITS_MIN * unitMs;
  while (fromMs < toMs && rows.length < limit) {
    const searched = { fromMs, toMs: Math.min(toMs, fromMs + searchedMs) };
    searchedMs *= SEARCH_GROWTH;
    const isOneUnit = searched.toMs - searched.fromMs === unitMs;
    const counts = isOneUnit ? undefined : await search.count(searched);
    if (counts?.length === 0) {
      fromMs = searched.toMs;
      continue;
    }
    searchedMs = Math.min(searchedMs, SEARCHED_MS_MAX);
    const enough = (limit - rows.length) * entriesPerRowMax;
    const stretch = counts === undefined ? searched : { fromMs, toMs: untilEnough(counts, enough, unitMs) };
    const hasEnds = counts?.some(([unitS, , ends]) => unitS * SECOND_MS < stretch.toMs && ends !== 0) ?? true;
    rows.push(...(await search.read(stretch, limit - rows.length, hasEnds)));
    fromMs = stretch.toMs;
  }
  return rows;
}

/** End of the last unit that is still to be read. */
function untilEnough(counts: readonly UnitCount[], enough: number, unitMs: number): number {
  let [last, entries] = counts[0]!;
  for (const [unitS, more] of counts.slice(1)) {
    if (entries >= enough || entries + more > ENTRIES_MAX) break;
    last = unitS;
    entries += more;
  }
  return last * SECOND_MS + unitMs;
}
