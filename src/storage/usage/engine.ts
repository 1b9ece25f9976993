import type { FileFormat } from "../../domain/usage/files.ts";

/**
 * Reads have lanes of their own, so that a long one does not hold up an intake. They can do nothing but read: a statement
 * there writes nothing, reads no file, asks no other machine, and changes no setting.
 */
export type Lane = "write" | "read";

/** Where rows go and how their text becomes columns. */
export interface InsertTarget {
  readonly table: string;
  /** Columns that are written, with commas between. */
  readonly columns: string;
  /** Names and types of the fields of a line, for example `k String, n UInt32`. */
  readonly structure: string;
  /** One expression for each column over the fields. */
  readonly converted: string;
}

/** What one query may take at most; the engine ends it then and lives on. */
export interface QueryCeilings {
  readonly memoryBytesMax: number;
  readonly querySecondsMax: number;
}

/** Rows of Parquet files, for a query. */
export interface ParquetRows {
  /** Absolute paths. */
  readonly paths: readonly string[];
  /** Names and types of the columns. */
  readonly structure: string;
  /** Which rows are wanted, as a condition over the columns. */
  readonly condition: string;
}

/** Where tables are kept: the embedded engine is one such place, a cluster has one for each of its servers. */
export interface SchemaPlace {
  /** Runs one statement there, with the rights to write. */
  query<Row extends readonly unknown[]>(sql: string): Promise<Row[]>;
}

/**
 * What the usage store needs of an engine that speaks ClickHouse's SQL. What is asked of an engine that dies meanwhile
 * fails with Fault UsageEngineUnavailable and can be asked again.
 */
export interface Engine {
  /** Starts it, so that a broken folder or address is found at once and not at the first use. */
  start(): Promise<void>;
  /** Every place whose schema must be up to date before use. */
  readonly schemaPlaces: readonly SchemaPlace[];
  /**
   * What a statement of a migration is in each of these places.
   * @param tables names of all tables that migrations make
   */
  statementsOf(statement: string, tables: readonly string[]): readonly string[];
  /** Runs one statement and gives its rows, each an array of its columns; decimals come as text. */
  query<Row extends readonly unknown[]>(lane: Lane, sql: string): Promise<Row[]>;
  /**
   * Runs `use` with a table expression over tab-separated lines, for either lane.
   * @param structure names and types of the fields, for example `k String`
   */
  over<Result>(
    lines: string | Iterable<string>,
    structure: string,
    use: (table: string) => Promise<Result>,
  ): Promise<Result>;
  /** Inserts tab-separated lines; durable when it returns. */
  insert(target: InsertTarget, lines: string | Iterable<string>): Promise<void>;
  /**
   * Writes what a query gives into a file that is not there yet; CSV has a header. It may take long and holds up nobody. The
   * file is neither fsynced nor checked; a part of it may be left where this fails.
   */
  exportFile(sql: string, format: FileFormat, path: string): Promise<void>;
  /** Runs `use` with a table expression for the read lane. The rows are never all in memory. */
  overParquet<Result>(rows: ParquetRows, use: (table: string) => Promise<Result>): Promise<Result>;
  /** The process that it runs in, where it has one of its own. */
  readonly pid: Promise<number | undefined>;
  /** The most memory that its process has held; known after it was closed, and 0 where it has none of its own. */
  readonly peakRssBytes: number;
  close(): Promise<void>;
}
