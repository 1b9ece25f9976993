import { type ColumnChunk, columnChunk, type ColumnRows, type ParquetColumn, toldChunk } from "./columnChunk.ts";
import { i32, i64, list, struct, text, type ThriftValue } from "./thrift.ts";
import { CODINGS } from "./values.ts";

const MAGIC = Buffer.from("PAR1");
const FORMAT = 2;
const LENGTH_BYTES = 4;
const REPETITION = { required: 0, optional: 1 } as const;

/** Rows that are read and written together, column by column in the order of the file's columns. */
export type RowGroup = readonly ColumnRows[];

const countOf = (rows: ColumnRows): number => ("of" in rows ? rows.of.length : rows.rows);

function schemaOf(columns: readonly ParquetColumn[]): ThriftValue {
  const root = struct({ 4: text("schema"), 5: i32(columns.length) });
  const members = columns.map(({ name, type, isNullable }) => {
    const { physical, schema } = CODINGS[type];
    const repetition = i32(isNullable ? REPETITION.optional : REPETITION.required);
    return struct({ 1: i32(physical), 3: repetition, 4: text(name), ...schema });
  });
  return list([root, ...members]);
}

/** A group of rows, as it is in the file. It can be made in another thread than the file. */
export interface MadeGroup {
  readonly rows: number;
  readonly chunks: readonly ColumnChunk[];
}

/** Makes a group of rows. Columns that have the same rows are made once. */
export async function madeGroup(columns: readonly ParquetColumn[], group: RowGroup): Promise<MadeGroup> {
  const made: Promise<ColumnChunk>[] = [];
  for (const [i, column] of columns.entries()) {
    const { type, isNullable } = column;
    const same = columns.findIndex(
      (so, n) => n < i && group[n] === group[i] && so.type === type && so.isNullable === isNullable,
    );
    made.push(made[same] ?? columnChunk(column, group[i]!));
  }
  return { rows: countOf(group[0]!), chunks: await Promise.all(made) };
}

/** What comes from another thread is a plain array of bytes. */
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/**
 * A Parquet file, group by group. The same rows in the same groups make the same bytes.
 * @param columns at least one
 * @param groups made with these columns
 */
export async function* parquetFile(
  columns: readonly ParquetColumn[],
  groups: AsyncIterable<MadeGroup>,
): AsyncGenerator<Buffer> {
  yield MAGIC;
  let offset = MAGIC.length;
  let rowsOfAll = 0;
  const told: ThriftValue[] = [];
  for await (const { rows, chunks } of groups) {
    const start = offset;
    const ofColumns: ThriftValue[] = [];
    for (const [i, chunk] of chunks.entries()) {
      ofColumns.push(toldChunk(columns[i]!, chunk, offset));
      offset += chunk.bytes.length;
      yield bufferOf(chunk.bytes);
    }
    rowsOfAll += rows;
    const plainBytes = chunks.reduce((so, chunk) => so + chunk.plainBytes, 0);
    told.push(struct({ 1: list(ofColumns), 2: i64(plainBytes), 3: i64(rows), 5: i64(start), 6: i64(offset - start) }));
  }
  const footer = struct({
    1: i32(FORMAT),
    2: schemaOf(columns),
    3: i64(rowsOfAll),
    4: list(told),
    6: text("Stampbook"),
    7: list(columns.map(() => struct({ 1: struct({}) }))),
  }).bytes;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(footer.length);
  yield Buffer.concat([footer, length, MAGIC]);
}
