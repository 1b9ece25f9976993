import type { ClickHouseSettings } from "@clickhouse/client";
import { LIMITS } from "../../../domain/limits.ts";
import type { Lane, QueryCeilings } from "../engine.ts";

/** What the settings of a query depend on. */
export interface Ceilings extends QueryCeilings {
  readonly replicated: boolean;
}

const SILENCE_SECONDS_MAX = 15;
/** Inside of a statement over a whole month a shard may wait longer for what it is sent. */
export const LONG_SILENCE_SECONDS_MAX = 60;

const COMMON = {
  default_format: "JSONCompactEachRow",
  output_format_json_quote_decimals: 1,
  output_format_json_quote_64bit_integers: 0,
  max_query_size: String(LIMITS.engineQueryBytesMax),
  timeout_overflow_mode: "throw",
  // A failure then comes as a status, and never behind rows that were already sent.
  wait_end_of_query: 1,
  // A shard that says nothing for so long is gone; one that works tells how far it is.
  receive_timeout: SILENCE_SECONDS_MAX,
  send_timeout: SILENCE_SECONDS_MAX,
  // And so is one that does not take a new connection, or takes it and does not greet.
  connect_timeout_with_failover_ms: 1_000,
  handshake_timeout_ms: 5_000,
  connections_with_failover_max_tries: "2",
  // Half of the shards is no answer; but what belongs to one registration needs only the shard of that registration.
  skip_unavailable_shards: 0,
  optimize_skip_unused_shards: 1,
  // What is looked up inside a query is of the same registrations, and they are on one shard.
  distributed_product_mode: "local",
  // Else a long literal gets a name of its own on each shard, and groups that rest on it are not found again.
  optimize_const_name_size: "-1",
  // Equal rows share a partition. A statement that reads may say this again, and may say nothing else.
  do_not_merge_across_partitions_select_final: 1,
} satisfies ClickHouseSettings;

/** Reads, and nothing else: 1 refuses table functions and changes of settings too. */
const READ = { readonly: "1", cancel_http_readonly_queries_on_client_close: 1 } satisfies ClickHouseSettings;

const WRITE = {
  // The answer to an insert is our acknowledgement: the rows are in a part, on the shard they belong to, and fsynced.
  async_insert: 0,
  wait_for_async_insert: 1,
  distributed_foreground_insert: 1,
  // What is inserted out of a table goes through this server, which knows the names that a shard does not.
  parallel_distributed_insert_select: "0",
  // The engine takes what we append, also the same rows again. Identity is in the sort key.
  insert_deduplicate: 0,
  max_insert_threads: "1",
} satisfies ClickHouseSettings;

/** On replicas a write counts once most of them have it, and a read sees every write that counted. */
const REPLICATED: Readonly<Record<Lane, ClickHouseSettings>> = {
  write: { insert_quorum: "auto", insert_quorum_parallel: 0, select_sequential_consistency: "1" },
  read: { select_sequential_consistency: "1" },
};

/**
 * The settings of every query of a lane. They are sent with each query, so that a profile of the server changes nothing
 * that is meant; each is here because another value would lose rows, digits or an answer.
 */
export function pinnedSettings(
  lane: Lane,
  { memoryBytesMax, querySecondsMax, replicated }: Ceilings,
): ClickHouseSettings {
  return {
    ...COMMON,
    max_memory_usage: String(memoryBytesMax),
    max_execution_time: querySecondsMax,
    ...(lane === "read" ? READ : WRITE),
    ...(replicated ? REPLICATED[lane] : {}),
  };
}
