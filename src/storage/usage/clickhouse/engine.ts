import { randomUUID } from "node:crypto";
import { Fault } from "../../../domain/faults/fault.ts";
import type { FileFormat } from "../../../domain/usage/files.ts";
import type { Engine, InsertTarget, Lane, ParquetRows, SchemaPlace } from "../engine.ts";
import { FILE_SETTINGS, FORMAT_NAMES } from "../parquet.ts";
import { rowsLiteral } from "../rowsLiteral.ts";
import { quoted } from "../tsv.ts";
import { type Access, ClickhouseNode, isServersAnswer } from "./node.ts";
import type { Ceilings } from "./pinnedSettings.ts";
import { onTopology, type Topology } from "./topology.ts";

/** How the names of tables begin that are there for one read or one export. */
const ARCHIVE_TABLE = "archive_read_";

const readTable = (): string => `${ARCHIVE_TABLE}${randomUUID().replaceAll("-", "")}`;

const inFormat = (sql: string, format: FileFormat): string =>
  `${sql} settings ${FILE_SETTINGS[format]} format ${FORMAT_NAMES[format]}`;

const refused = (reason: string): Fault => new Fault("UsageEngineUnavailable", { reason });

export interface ClickhousePlace extends Access, Ceilings, Topology {
  /** Every server that keeps tables: one, or all shards and replicas of the cluster. */
  readonly urls: readonly string[];
}

/** The scale-out engine: a ClickHouse server or cluster, asked over HTTP through any server of it that answers. */
export class ClickhouseEngine implements Engine {
  readonly #place: ClickhousePlace;
  readonly #nodes: readonly ClickhouseNode[];
  /** The server that is asked; undefined until one is looked for. */
  #chosen: Promise<ClickhouseNode> | undefined;
  /** Writes go one after another where a quorum is asked for: the server refuses a second one meanwhile. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  readonly pid = Promise.resolve(undefined);
  readonly peakRssBytes = 0;

  constructor(place: ClickhousePlace) {
    this.#place = place;
    this.#nodes = place.urls.map((url) => new ClickhouseNode({ ...place, url }));
  }

  get schemaPlaces(): readonly SchemaPlace[] {
    return this.#nodes.map((node) => ({ query: (sql) => node.query("write", sql) }));
  }

  statementsOf(statement: string, tables: readonly string[]): readonly string[] {
    return onTopology(statement, tables, this.#place);
  }

  async start(): Promise<void> {
    await this.#choose();
    for (const node of this.#nodes) {
      if (!(await node.answers())) continue;
      await node.makeDatabase({ ...this.#place, url: node.url });
      await this.#dropLeftTables(node);
      await this.#keepLayout(node, await this.#layout(node));
    }
  }

  /** Tables of reads of archives that were broken off. */
  async #dropLeftTables(node: ClickhouseNode): Promise<void> {
    const left = await node.query<[string]>(
      "read",
      `select name from system.tables where database = currentDatabase() and startsWith(name, '${ARCHIVE_TABLE}')`,
    );
    for (const [name] of left) await node.query("write", `drop table if exists ${name}`);
  }

  /** How rows are spread, in words, as the server knows its cluster. */
  async #layout(node: ClickhouseNode): Promise<string> {
    const { cluster, replicated, urls } = this.#place;
    const copies = replicated ? ", replicated" : "";
    if (cluster === "") return `one server${copies}`;
    const shards = await node.query<[number, number, number]>(
      "read",
      `select shard_num, any(shard_weight), uniqExact(host_name, port) from system.clusters
       where cluster = ${quoted(cluster)} group by shard_num order by shard_num`,
    );
    const servers = shards.reduce((so, [, , replicas]) => so + replicas, 0);
    // A server that is not named would have no tables, and would be missed only in the middle of a query.
    if (servers !== urls.length) {
      throw refused(`its cluster ${cluster} has ${servers} servers and ${urls.length} are named; each one must be`);
    }
    return `${shards.map(([number, weight]) => `shard ${number} of weight ${weight}`).join(", ")} of ${cluster}${copies}`;
  }

  /**
   * Rows stay on the shard that they were sent to. With other shards, known records would be looked for in the wrong
   * place and counted again; so a layout is kept as it was at first.
   */
  async #keepLayout(node: ClickhouseNode, layout: string): Promise<void> {
    const keep = "create table if not exists layout (words String) engine = MergeTree order by words";
    await node.query("write", keep);
    const [before] = await node.query<[string]>("write", "select words from layout limit 1");
    if (before === undefined) await node.query("write", `insert into layout values (${quoted(layout)})`);
    else if (before[0] !== layout) {
      throw refused(`its database was laid out for ${before[0]}, and the settings want ${layout}`);
    }
  }

  /** The first server that answers, until it no longer does. */
  async #choose(): Promise<ClickhouseNode> {
    const looked = (this.#chosen ??= this.#firstThatAnswers());
    try {
      return await looked;
    } catch (error) {
      this.#forget(looked);
      throw error;
    }
  }

  async #firstThatAnswers(): Promise<ClickhouseNode> {
    let fault: Fault | undefined;
    for (const node of this.#nodes) {
      const silence = await node.ping();
      if (silence === undefined) return node;
      fault ??= silence;
    }
    throw fault ?? refused("no server is named");
  }

  #forget(looked: Promise<ClickhouseNode> | undefined): void {
    if (this.#chosen === looked) this.#chosen = undefined;
  }

  /** Asks the chosen server; one that is gone is not asked again before it answered a ping. */
  async #ask<Answer>(ask: (node: ClickhouseNode) => Promise<Answer>): Promise<Answer> {
    const node = await this.#choose();
    const looked = this.#chosen;
    try {
      return await ask(node);
    } catch (error) {
      if (!isServersAnswer(error)) this.#forget(looked);
      throw error;
    }
  }

  async query<Row extends readonly unknown[]>(lane: Lane, sql: string): Promise<Row[]> {
    const ask = (): Promise<Row[]> => this.#ask((node) => node.query<Row>(lane, sql));
    // Whether a write was done is not known when it fails: its caller decides.
    if (lane === "write") return await this.#inTurn(ask);
    try {
      return await ask();
    } catch (error) {
      // A read may be asked again, and of another server.
      if (isServersAnswer(error)) throw error;
      return await ask();
    }
  }

  async #inTurn<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    if (!this.#place.replicated) return await write();
    const mine = this.#lastWrite.then(write, write);
    this.#lastWrite = mine;
    return await mine;
  }

  async over<Result>(
    lines: string | Iterable<string>,
    structure: string,
    use: (table: string) => Promise<Result>,
  ): Promise<Result> {
    return await use(rowsLiteral(lines, structure));
  }

  async exportFile(sql: string, format: FileFormat, path: string): Promise<void> {
    await this.#ask((node) => node.exportTo(path, inFormat(sql, format)));
  }

  /** The rows that are wanted are sent to a table of their own, which is spread over the servers as the ledger is. */
  async overParquet<Result>(
    { paths, structure, condition }: ParquetRows,
    use: (table: string) => Promise<Result>,
  ): Promise<Result> {
    const table = readTable();
    try {
      await this.#everywhere(`create table ${table} (${structure})\nengine = MergeTree\norder by registration`, table);
      for (const path of paths) {
        const sql = `insert into ${table} select * from input(${quoted(structure)}) where ${condition} format Parquet`;
        await this.#ask((node) => node.insertFile(sql, path));
      }
      return await use(table);
    } finally {
      await this.#everywhere(`drop table if exists ${table}`, table);
    }
  }

  async #everywhere(statement: string, table: string): Promise<void> {
    for (const node of this.#nodes) {
      for (const sql of this.statementsOf(statement, [table])) await node.query("write", sql);
    }
  }

  async insert(
    { table, columns, structure, converted }: InsertTarget,
    lines: string | Iterable<string>,
  ): Promise<void> {
    const sql = `insert into ${table} (${columns}) select ${converted} from input(${quoted(structure)}) format TSV`;
    await this.#inTurn(() => this.#ask((node) => node.insert(sql, lines)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }
}
