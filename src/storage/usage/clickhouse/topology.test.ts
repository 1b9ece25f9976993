import { expect, test } from "vitest";
import { onTopology, type Topology } from "./topology.ts";

// Goal: a migration that was written for one server is right on shards and replicas. What servers make of it is tested in
// test/engines; replicas cannot be run there, so the text is all that is tested of them.

const ONE: Topology = { database: "usage", cluster: "", replicated: false };
const SHARDS: Topology = { ...ONE, cluster: "pair" };
const REPLICAS: Topology = { ...ONE, replicated: true };
const BOTH: Topology = { ...SHARDS, replicated: true };

const TABLES = ["usage_record", "usage_day"];
const on = (topology: Topology, statement: string): readonly string[] => onTopology(statement, TABLES, topology);

const CREATE = `create table if not exists usage_record (registration UInt32, batch UInt64)
engine = ReplacingMergeTree(batch)
order by registration
settings fsync_after_insert = 1`;

test("one server gets every statement as it is", () => {
  for (const statement of [CREATE, "alter table usage_record add column a UInt8", "drop table usage_day"]) {
    expect(on(ONE, statement)).toEqual([statement]);
  }
});

test("on shards the rows are in a local table, and a table over all of them has the name", () => {
  expect(on(SHARDS, CREATE)).toEqual([
    CREATE.replace("usage_record", "usage_record_local"),
    `create table if not exists usage_record as usage_record_local
engine = Distributed('pair', 'usage', 'usage_record_local', registration)`,
  ]);
});

test("replicas have their place in the keeper, no deduplication of inserts, and fsync what they fetch", () => {
  const [stored, ...rest] = on(REPLICAS, CREATE);
  expect(rest).toEqual([]);
  expect(stored).toBe(
    CREATE.replace(
      "ReplacingMergeTree(batch)",
      "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/usage/usage_record', '{replica}', batch)",
    ).replace(
      "settings ",
      "settings replicated_deduplication_window = 0, min_compressed_bytes_to_fsync_after_fetch = 1, ",
    ),
  );
  const plain = "create table if not exists usage_day (registration UInt32)\nengine = MergeTree\norder by registration";
  expect(on(REPLICAS, plain)[0]).toBe(`create table if not exists usage_day (registration UInt32)
engine = ReplicatedMergeTree('/clickhouse/tables/{shard}/usage/usage_day', '{replica}')
order by registration
settings replicated_deduplication_window = 0, min_compressed_bytes_to_fsync_after_fetch = 1`);
});

test("shards with replicas have both", () => {
  const [stored, distributed] = on(BOTH, CREATE);
  expect(stored).toMatch(/^create table if not exists usage_record_local .*\n.*ReplicatedReplacingMergeTree/);
  expect(distributed).toContain("engine = Distributed('pair', 'usage', 'usage_record_local', registration)");
});

test("columns change in both tables; settings, indices and data only where the rows are", () => {
  const add = "alter table usage_record add column if not exists a UInt8";
  expect(on(SHARDS, add)).toEqual([add.replace("usage_record", "usage_record_local"), add]);
  expect(on(SHARDS, "drop table if exists usage_day")).toEqual([
    "drop table if exists usage_day_local",
    "drop table if exists usage_day",
  ]);
  expect(on(SHARDS, "alter table usage_record modify setting merge_max_block_size = 2048")).toEqual([
    "alter table usage_record_local modify setting merge_max_block_size = 2048",
  ]);
  expect(
    on(SHARDS, "create materialized view if not exists by_day to usage_day as select registration from usage_record"),
  ).toEqual([
    "create materialized view if not exists by_day to usage_day_local as select registration from usage_record_local",
  ]);
});

test("a table that could not be sharded or replicated is refused, not made wrong", () => {
  expect(() => on(SHARDS, "create table if not exists usage_day (day Date) engine = MergeTree order by day")).toThrow(
    "usage_day has no column registration",
  );
  expect(() => on(REPLICAS, "create table if not exists usage_day (registration UInt32) engine = Memory")).toThrow(
    "usage_day has no engine of the MergeTree family",
  );
});
