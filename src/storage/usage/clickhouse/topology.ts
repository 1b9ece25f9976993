import assert from "node:assert/strict";
import { quoted } from "../tsv.ts";

/** How the tables are spread over servers. */
export interface Topology {
  /** The database that holds the tables. */
  readonly database: string;
  /** Name of a cluster whose shards share the rows; empty where one server has them all. */
  readonly cluster: string;
  /** Whether each shard has replicas that a keeper brings together. */
  readonly replicated: boolean;
}

/** Rows of one registration are on one shard, so that their identity is judged and merged in one place. */
const SHARD_KEY = "registration";

const CREATE_TABLE = /^create table (?:if not exists )?(\w+)/;
const OF_BOTH = /^(alter table \w+\s+(add|drop|modify|rename) column|drop table)/;
const ENGINE = /\bengine = (\w*)MergeTree\b(?:\(([^)]*)\))?/;

/**
 * What one statement of a migration is on each server of a topology. The migrations are written for one server; this is
 * the only place that knows how they look on others.
 * @param tables names of all tables that migrations make
 */
export function onTopology(statement: string, tables: readonly string[], topology: Topology): readonly string[] {
  const local = topology.cluster === "" ? statement : withLocalNames(statement, tables);
  const [, created] = CREATE_TABLE.exec(statement) ?? [];
  if (created === undefined) return isForBoth(statement, topology) ? [local, statement] : [local];
  const stored = topology.replicated ? replicatedTable(local, created, topology) : local;
  if (topology.cluster === "") return [stored];
  assert(new RegExp(`\\b${SHARD_KEY} UInt`).test(statement), `${created} has no column ${SHARD_KEY} to be sharded by`);
  return [stored, distributedTable(created, topology)];
}

/** Columns are columns of both tables, and both go together; all the rest concerns the tables that hold rows. */
const isForBoth = (statement: string, { cluster }: Topology): boolean => cluster !== "" && OF_BOTH.test(statement);

const withLocalNames = (statement: string, tables: readonly string[]): string =>
  statement.replace(new RegExp(`\\b(${tables.join("|")})\\b`, "g"), "$1_local");

const distributedTable = (table: string, { cluster, database }: Topology): string =>
  `create table if not exists ${table} as ${table}_local
engine = Distributed(${quoted(cluster)}, ${quoted(database)}, ${quoted(`${table}_local`)}, ${SHARD_KEY})`;

/**
 * Deduplication of inserted blocks is off: it would drop an insert that looks like an earlier one. Parts that come from
 * another replica are fsynced like those that are inserted.
 */
const REPLICATED_SETTINGS = "replicated_deduplication_window = 0, min_compressed_bytes_to_fsync_after_fetch = 1";

function replicatedTable(statement: string, table: string, { database }: Topology): string {
  const [, kind, parameters = ""] = ENGINE.exec(statement) ?? [];
  assert(kind !== undefined, `${table} has no engine of the MergeTree family to be replicated`);
  const path = quoted(`/clickhouse/tables/{shard}/${database}/${table}`);
  const own = parameters === "" ? "" : `, ${parameters}`;
  const replicated = statement.replace(ENGINE, `engine = Replicated${kind}MergeTree(${path}, '{replica}'${own})`);
  return /\bsettings\b/.test(replicated)
    ? replicated.replace(/\bsettings\b/, `settings ${REPLICATED_SETTINGS},`)
    : `${replicated.trimEnd()}\nsettings ${REPLICATED_SETTINGS}`;
}
