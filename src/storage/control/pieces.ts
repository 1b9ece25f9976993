/** Rows in one insert: SQLite takes at most 32,766 parameters in a statement. */
const ROWS_MAX = 1_000;

export function* inPieces<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += ROWS_MAX) yield rows.slice(from, from + ROWS_MAX);
}
