import { describe, expect, test } from "vitest";
import { type Hour, hourOf, type LocalSubscriptionId } from "../../src/domain/ids.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { identityOf } from "../../src/domain/usage/identity.ts";
import type { UsageRow } from "../../src/domain/usage/store.ts";
import { tablesOf, usageMigrations } from "../../src/storage/usage/migrate.ts";
import { tsvField } from "../../src/storage/usage/tsv.ts";
import type { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { usageRow } from "../support/usageRows.ts";

// Goal: each trap of the engine that a rule of ours avoids shows when the rule is gone. Method: the same tests on every
// engine, over its own SQL; what the engine does by itself is asked too, so that a trap that is mended shows as well.

/** An engine under test whose queries may take a second and some memory. */
export interface RuledEngine {
  readonly name: string;
  openEmpty(ceilings: { readonly memoryBytesMax: number; readonly querySecondsMax: number }): Promise<EngineUsageStore>;
  /** What a table of rows is called where it is stored. */
  readonly storedName: (table: string) => string;
}

const MiB = 1_048_576;
const ROOMY = { memoryBytesMax: 1_024 * MiB, querySecondsMax: 600 };
const STORED = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" });

const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "done",
    (error: Error & { code?: string }) => `${error.code} ${error.message}`,
  );

/** Texts that would be something else than text, were they ever part of SQL, of a line or of a literal. */
const HOSTILE = [
  "plain",
  "tab\there",
  "line\nbreak\r\n",
  "back\\slash\\",
  "\\N",
  "\\t",
  "quote'\"`",
  "'); drop table usage_entry; --",
  "{k:String} ${x} %s ?",
  "nul\0",
  "\u001d0 \u001e \u001f2",
  "ü\u{1F600}",
  "",
];

const notOnlyReading = (table: string): readonly string[] => [
  `insert into ${table} (registration) values (1)`,
  `truncate table ${table}`,
  `drop table ${table}`,
  `alter table ${table} delete where 1`,
  `optimize table ${table} final`,
  "create table stray (a UInt8) engine = Memory",
  "create temporary table stray (a UInt8)",
  "insert into function file('stray.tsv', 'TSV', 'a UInt8') select 1",
  "select * from file('/etc/passwd', 'LineAsString', 'a String')",
  "select * from url('http://127.0.0.1:9/', 'LineAsString', 'a String')",
  "select * from remote('127.0.0.1:9', system.one)",
  "set readonly = 0",
  "select 1 settings readonly = 0",
  "select 1 settings max_execution_time = 0",
  "select 1 settings max_memory_usage = 0",
];

export function engineRulesSuite(engine: RuledEngine): void {
  const open = (ceilings = ROOMY): Promise<EngineUsageStore> => engine.openEmpty(ceilings);

  describe(`${engine.name}: durable`, () => {
    test("every table of rows is fsynced after an insert, after a merge, and with its folder", async () => {
      const store = await open();
      const tables = tablesOf(usageMigrations()).map(engine.storedName);
      const found = await store.engine.query<[string, string, string]>(
        "read",
        "select name, engine, create_table_query from system.tables where database = currentDatabase()",
      );
      const stored = found.filter(([name]) => tables.includes(name));
      expect(stored.length).toBeGreaterThan(0);
      for (const [name, kind, definition] of stored) {
        expect(kind, name).toBe("ReplacingMergeTree");
        for (const rule of [
          "fsync_after_insert",
          "fsync_part_directory",
          "min_compressed_bytes_to_fsync_after_merge",
        ]) {
          expect(definition, name).toContain(`${rule} = 1`);
        }
      }
      await store.close();
    });

    test("an insert is not taken for an earlier one that was the same", async () => {
      const store = await open();
      const windows = await store.engine.query<[string, string]>(
        "read",
        "select name, value from system.merge_tree_settings where name = 'non_replicated_deduplication_window'",
      );
      expect(windows).toEqual([["non_replicated_deduplication_window", "0"]]);
      await store.close();
    });
  });

  describe(`${engine.name}: the read lane only reads`, () => {
    test("it writes nothing, reads no file, asks no other machine and lifts no ceiling", async () => {
      const store = await open();
      await store.append([STORED]);
      const table = "usage_entry";
      for (const statement of notOnlyReading(engine.storedName(table))) {
        const said = await refusal(store.engine.query("read", statement));
        expect(said, statement).toMatch(/^UsageEngineUnavailable .*readonly/i);
      }
      expect(await store.engine.query("read", `select count() from ${table}`)).toEqual([[1]]);
      await store.close();
    });

    test("rows of a look-up reach it all the same, with every character", async () => {
      const store = await open();
      const lines = HOSTILE.map((value, i) => `${tsvField(value)}\t${i}\n`).join("");
      const rows = await store.engine.over(lines, "k String, n UInt32", (rowsGiven) =>
        store.engine.query<[string, number]>("read", `select k, n from ${rowsGiven} order by n`),
      );
      expect(rows).toEqual(HOSTILE.map((value, i) => [value, i]));
      const single = await store.engine.over(
        HOSTILE.map((value) => `${tsvField(value)}\n`),
        "k String",
        (rowsGiven) => store.engine.query<[string]>("read", `select k from ${rowsGiven}`),
      );
      expect(single.flat().sort()).toEqual([...HOSTILE].sort());
      const table = engine.storedName("usage_entry");
      const written = store.engine.over("1\n", "n UInt32", (rowsGiven) =>
        store.engine.query("read", `insert into ${table} (registration) select n from ${rowsGiven}`),
      );
      expect(await refusal(written)).toMatch(/^UsageEngineUnavailable .*readonly/i);
      await store.close();
    });
  });

  describe(`${engine.name}: no text of a caller is SQL`, () => {
    test("hostile text comes back from every column that takes free text, and is found by the tag that it names", async () => {
      const store = await open();
      const from = hourOf(STORED.record.usageStartMs);
      const scope = { from, to: (from + 1) as Hour, lastBatch: 9 };
      const rows = HOSTILE.map((text, i): UsageRow => {
        const plain = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", resource: `/${i}${text}` });
        const tags = JSON.stringify({ [`t${text}`]: text });
        const resource = { ...plain.record.resource, location: text, additionalInfo: text, tags };
        // Ids of local subscriptions and meters are checked at the edge: no text of these is free.
        const localSubscription = `aaaaaaaa-0000-4000-8000-${String(i).padStart(12, "0")}` as LocalSubscriptionId;
        const record = { ...plain.record, localSubscription, resource };
        return { ...plain, record, identity: identityOf(record) };
      });
      await store.append(rows);
      for (const [i, { record, registration, identity }] of rows.entries()) {
        const text = HOSTILE[i]!;
        const times = { usageStartMs: record.usageStartMs, reportedStartMs: record.window.startMs };
        const [entry] = await store.entriesOf({ registration, ...times, series: identity.series, event: "" });
        const { localSubscription, resource } = record;
        expect(entry).toMatchObject({ localSubscription, location: text, additionalInfo: text });
        expect(entry).toMatchObject({ resourceUri: resource.uri, tags: resource.tags });
        const segments = [{ registration, localSubscription, from, to: scope.to }];
        const meters = [record.meter];
        expect(await store.segmentTotals(scope, meters, segments, "hour")).toMatchObject([{ quantity: "1" }]);
        const page = await store.records({ scope, meters, segments, offset: 0, limit: 5 });
        expect(page.records).toMatchObject([{ localSubscription, resourceUri: resource.uri }]);
        const sums = await store.sums({
          scope,
          segments: [{ ...segments[0]!, group: 1 }],
          isNarrow: true,
          meters: [{ meter: record.meter, from, to: scope.to }],
          by: ["localSubscription", "resource", "location", "tag"],
          tag: `t${text}`,
          time: undefined,
          offset: 0,
          limit: 5,
        });
        const dimensions = { localSubscription, resource: resource.uri, location: text, tag: text };
        expect(sums).toMatchObject([{ dimensions, quantity: "1" }]);
      }
      expect(await store.totals(scope, [])).toHaveLength(HOSTILE.length);
      await store.close();
    });
  });

  describe(`${engine.name}: ceilings`, () => {
    test("a query that takes too long is ended by the engine, which lives", async () => {
      const store = await open({ ...ROOMY, querySecondsMax: 1 });
      for (const lane of ["read", "write"] as const) {
        const slow = store.engine.query(lane, "select sum(sipHash64(number)) from numbers(1000000000000)");
        expect(await refusal(slow), lane).toMatch(/^UsageEngineUnavailable .*(time|elapsed)/i);
      }
      await store.ping();
      await store.close();
    });

    test("a query that takes too much memory is ended by the engine, which lives", async () => {
      const store = await open({ ...ROOMY, memoryBytesMax: 64 * MiB });
      for (const lane of ["read", "write"] as const) {
        const greedy = store.engine.query(lane, "select length(groupArray(toString(number))) from numbers(20000000)");
        expect(await refusal(greedy), lane).toMatch(/^UsageEngineUnavailable .*memory/i);
      }
      await store.ping();
      await store.close();
    });
  });

  describe(`${engine.name}: decimals`, () => {
    test("the engine sums what may be stored in 76 digits, where 38 would overflow in silence", async () => {
      const store = await open();
      const largest = `${"9".repeat(LIMITS.quantityWholeDigitsMax)}.${"9".repeat(LIMITS.quantityDecimalsMax)}`;
      const rows = Array.from({ length: 1_000 }, (_, i) =>
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity: largest, resource: `/r${i}` }),
      );
      await store.append(rows);
      const [total] = await store.stored({ from: 0 as never, to: 1e6 as never, lastBatch: 9 });
      // A thousand times as much: three digits wander over the point.
      expect(total?.quantity).toBe(`${"9".repeat(18)}.${"9".repeat(27)}`);
      const [[wrapped]] = (await store.engine.query(
        "read",
        "select sum(x) from (select toDecimal128('99999999999999999999999999999999999999', 0) as x from numbers(3))",
      )) as [[string]];
      expect(wrapped, "what a sum of 38 digits gives").toMatch(/^-/);
      await store.close();
    });

    test("decimals come as text, integers as numbers", async () => {
      const store = await open();
      const [row] = await store.engine.query(
        "read",
        "select toDecimal256('0.100000000000000000000000000001', 30), 7::UInt64",
      );
      expect(row).toEqual(["0.100000000000000000000000000001", 7]);
      await store.close();
    });

    test("what the engine makes of empty values and of surplus digits: why they are refused before", async () => {
      const store = await open();
      const [row] = await store.engine.query(
        "write",
        `select groupArray(quantity) from format(JSONEachRow, 'quantity Decimal(76, 30)',
          '{"quantity":null}{"quantity":""}{"quantity":"0.1000000000000000000000000000019"}')`,
      );
      expect(row).toEqual([["0", "0", "0.100000000000000000000000000001"]]);
      await store.close();
    });
  });
}
