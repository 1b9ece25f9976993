import { hourStartMs, type MeterId, registrationId, type RegistrationId } from "../../domain/ids.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { periodOf } from "../../domain/statement/period.ts";
import type { UsageDayStore } from "../../domain/usage/day.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { UsageArrivals } from "../../domain/usage/arrivals.ts";
import type { ChangesPage, ChangesQuery } from "../../domain/usage/changes.ts";
import type { KnownEntry } from "../../domain/usage/entry.ts";
import type { ListedQuery, ListedRecord } from "../../domain/usage/listed.ts";
import type {
  AgeQuery,
  BatchChange,
  ReportedHours,
  ReportedQuery,
  ReportedRow,
  RecordSearch,
  UsageAge,
  KnownQuery,
  LedgerDecision,
  RecordPage,
  RecordQuery,
  RecordRef,
  StoredEntry,
  StoredTotal,
  SumQuery,
  UsageRow,
  UsageScope,
  UsageSegment,
  UsageStore,
  UsageSum,
  UsageTotal,
} from "../../domain/usage/store.ts";
import { arrivalsOf } from "./arrivals.ts";
import { changedBy, reportedHours } from "./changed.ts";
import { changesPage } from "./changes.ts";
import { choiceSql, recordCondition, withdrawalSql } from "./decisions.ts";
import { entriesOf, entriesOfEach } from "./recordEntries.ts";
import { BrokenData } from "./brokenData.ts";
import { DayMarks, ROLL_UP_STRUCTURE, rollUpLine, rollUpSql } from "./days.ts";
import type { Engine } from "./engine.ts";
import { digestLiteral, entryLines, eventLines, seconds, USAGE_ENTRY, USAGE_EVENT } from "./entries.ts";
import { DAY_MS } from "../../lib/instant.ts";
import {
  AGE_STRUCTURE,
  ageLine,
  type AgeRow,
  agesFrom,
  agesSql,
  hourCondition,
  isPlace,
  placeCondition,
  placeSql,
  SEARCH_STRUCTURE,
  searchLine,
  searchSql,
} from "./lookups.ts";
import { EngineFiles } from "./files.ts";
import { archivesIn, FINAL, type Ledger, overLedger } from "./ledger.ts";
import { migrateUsage } from "./migrate.ts";
import { EngineMonths } from "./months.ts";
import { conflictsSql, KNOWN_COLUMNS, knownFromRow, type KnownRow, refFromRow, type RefRow } from "./rows.ts";
import { groupedSums } from "./groupedSums.ts";
import { listedPage } from "./listed.ts";
import { localTotals } from "./localTotals.ts";
import { reportedPage } from "./reported.ts";
import { hourTotals, recordsOfSegments, segmentTotals } from "./segmentRecords.ts";
import { scopeCondition, UsageSums } from "./sums.ts";

/** So few stand in the statement itself; a table of them costs the engine a third of the look-up more. */
const DIGESTS_WRITTEN_OUT_MAX = 100;

function byMonth(rows: readonly UsageRow[]): readonly (readonly UsageRow[])[] {
  const months: { from: number; to: number; rows: UsageRow[] }[] = [];
  for (const row of rows) {
    const at = row.record.usageStartMs;
    let month = months.find(({ from, to }) => from <= at && at < to);
    if (month === undefined) {
      const { from, to } = periodOf(at);
      month = { from: hourStartMs(from), to: hourStartMs(to), rows: [] };
      months.push(month);
    }
    month.rows.push(row);
  }
  return months.map((month) => month.rows);
}

/** The usage store over any engine that speaks ClickHouse's SQL. */
export class EngineUsageStore implements UsageStore {
  readonly engine: Engine;
  readonly months: EngineMonths;
  readonly files: EngineFiles;
  readonly arrivals: UsageArrivals;
  readonly #broken = new BrokenData();
  readonly #days: UsageDayStore;
  readonly #marks: DayMarks;
  readonly #sums: UsageSums;

  private constructor(engine: Engine, days: UsageDayStore) {
    this.engine = this.#broken.watch(engine);
    this.months = new EngineMonths(this.engine);
    this.files = new EngineFiles(this.engine);
    this.arrivals = arrivalsOf(this.engine);
    this.#days = days;
    this.#marks = new DayMarks(days);
    this.#sums = new UsageSums(engine, days);
  }

  /**
   * Starts the engine and brings its schema up to date; the store closes it.
   * @param days kept in the control store: which days hold usage, and how far they are rolled up
   * @throws Fault UsageEngineUnavailable, SchemaTooNew
   */
  static async open(engine: Engine, days: UsageDayStore): Promise<EngineUsageStore> {
    const store = new EngineUsageStore(engine, days);
    try {
      await engine.start();
      await migrateUsage(engine);
      await store.#marks.ofAll(engine);
    } catch (error) {
      await engine.close();
      throw error;
    }
    return store;
  }

  async knownEntries(query: KnownQuery): Promise<readonly KnownEntry[]> {
    const { registration, reportedStartMs, series, events } = query;
    const ofRegistration = `registration = ${registration}`;
    const { min, max } = reportedStartMs;
    const [ofStamps, ofEvents] = await Promise.all([
      this.#known(series, 8, (among) => [
        `usage_entry where ${ofRegistration} and reported_start between ${seconds(min)} and ${seconds(max)}
           and series ${among}`,
      ]),
      this.#known(events, 16, (among) => [
        `usage_entry where ${ofRegistration} and event ${among} and reported_start in
          (select reported_start from usage_event where ${ofRegistration} and event ${among})`,
        `usage_archived_event where ${ofRegistration} and event ${among}`,
      ]),
    ]);
    return [...ofStamps, ...ofEvents];
  }

  async #known(
    digests: readonly string[],
    bytes: 8 | 16,
    sources: (among: string) => readonly string[],
  ): Promise<readonly KnownEntry[]> {
    const known = async (among: string): Promise<readonly KnownEntry[]> => {
      const selects = sources(among).map((source) => `select ${KNOWN_COLUMNS} from ${source}`);
      return (await this.engine.query<KnownRow>("read", selects.join(" union all "))).map(knownFromRow);
    };
    if (digests.length === 0) return [];
    if (digests.length <= DIGESTS_WRITTEN_OUT_MAX) {
      return await known(`in (${digests.map((digest) => digestLiteral(digest, bytes)).join(", ")})`);
    }
    return await this.engine.over(`${digests.join("\n")}\n`, "d String", async (table) => {
      return await known(`in (select toFixedString(unhex(d), ${bytes}) from ${table})`);
    });
  }

  async append(rows: readonly UsageRow[]): Promise<void> {
    await this.#marks.ofRows(rows);
    faultPoint("usage: days marked");
    const events = rows.filter(({ identity }) => identity.event !== "");
    // First, so that a crash leaves nothing that cannot be found: a digest without its entry is known to nobody.
    if (events.length > 0) {
      await this.engine.insert(USAGE_EVENT, eventLines(events));
      faultPoint("usage: events stored");
    }
    // An insert over several partitions is several parts, which a crash may separate; one month at a time it is one.
    for (const month of byMonth(rows)) {
      await this.engine.insert(USAGE_ENTRY, entryLines(month));
      faultPoint("usage: month stored");
    }
  }

  async withdraw(decision: LedgerDecision & { readonly delivery: number }): Promise<number> {
    const ofDelivery = `registration = ${decision.registration} and delivery = ${decision.delivery}`;
    await this.#marks.ofEntries(this.engine, decision, ofDelivery);
    faultPoint("decision: days marked");
    await this.engine.query("write", withdrawalSql(decision));
    return await this.#ended(decision);
  }

  async choose(decision: LedgerDecision & { readonly record: RecordRef; readonly content: string }): Promise<number> {
    await this.#marks.ofEntries(this.engine, decision, recordCondition(decision.record));
    await this.engine.query("write", choiceSql(decision));
    return await this.#ended(decision);
  }

  async #ended({ registration, decision }: LedgerDecision): Promise<number> {
    const [row] = await this.engine.query<[number]>(
      "read",
      `select count() from usage_entry final
       where registration = ${registration} and batch = ${decision} and sign = -1`,
    );
    return row?.[0] ?? 0;
  }

  async entriesOf(record: RecordRef, archives: readonly ArchivedMonth[] = []): Promise<readonly StoredEntry[]> {
    return await entriesOf(this.engine, record, archives);
  }

  async entriesOfEach(records: readonly RecordRef[]): Promise<readonly (readonly StoredEntry[])[]> {
    return await entriesOfEach(this.engine, records);
  }

  async conflicts(page: {
    readonly registration?: RegistrationId;
    readonly after?: RecordRef;
    readonly limit: number;
  }): Promise<readonly RecordRef[]> {
    return (await this.engine.query<RefRow>("read", conflictsSql(page))).map(refFromRow);
  }

  async totals(
    scope: UsageScope,
    segments: readonly UsageSegment[],
    meters?: readonly MeterId[],
  ): Promise<readonly UsageTotal[]> {
    return await localTotals(this.engine, this.#sums, { scope, segments, meters });
  }

  async sums(query: SumQuery): Promise<readonly UsageSum[]> {
    return await groupedSums(this.engine, this.#sums, query);
  }

  async rollUp({ touchedUpTo, limit }: { readonly touchedUpTo: number; readonly limit: number }): Promise<number> {
    const behind = await this.#days.behind({ touchedUpTo, limit });
    // A month is a partition, so an insert is one part there.
    for (const month of Map.groupBy(behind, ({ day }) => periodOf(day * DAY_MS).name).values()) {
      await this.engine.over(month.map(rollUpLine).join(""), ROLL_UP_STRUCTURE, (table) =>
        this.engine.query("write", rollUpSql(month, table)),
      );
      faultPoint("roll-up: sums written");
      // Only now: a day that is said to be rolled up is read from there.
      await this.#days.rolledUp(month);
    }
    return behind.length;
  }

  async segmentTotals(
    scope: UsageScope,
    meters: readonly MeterId[],
    segments: readonly UsageSegment[],
    by: "hour" | "segment",
  ): Promise<readonly UsageTotal[]> {
    const wanted = { scope, meters, segments };
    return by === "hour" ? await hourTotals(this.engine, wanted) : await segmentTotals(this.engine, this.#sums, wanted);
  }

  /** The ledger with what a scope names of archives, of which only what fits is read. */
  #ledger<Result>(scope: UsageScope, fits: string, use: (ledger: Ledger) => Promise<Result>): Promise<Result> {
    const condition = `${scopeCondition(scope)} and ${fits}`;
    return overLedger(this.engine, { archives: archivesIn(scope), condition }, use);
  }

  async stored(scope: UsageScope): Promise<readonly StoredTotal[]> {
    const rows = await this.#ledger(scope, "1", ({ once }) =>
      this.engine.query<[number, string, string, number]>(
        "read",
        `select registration, meter, sum(quantity), sum(sign) as records from ${once}
         where ${scopeCondition(scope)} group by registration, meter having records != 0 ${FINAL}`,
      ),
    );
    return rows.map(([registration, meter, quantity, records]) => ({
      registration: registrationId(registration),
      meter: meter as MeterId,
      quantity,
      records,
    }));
  }

  async reportedHours(scope: UsageScope): Promise<readonly ReportedHours[]> {
    return await this.#ledger(scope, "1", ({ once }) => reportedHours(this.engine, once, scope));
  }

  async changedBy(scope: UsageScope, after: number, limit: number): Promise<readonly BatchChange[]> {
    return await this.#ledger(scope, "1", ({ asStored }) => changedBy(this.engine, asStored, { scope, after, limit }));
  }

  async records(query: RecordQuery): Promise<RecordPage> {
    return await recordsOfSegments(this.engine, this.#sums, query);
  }

  async reported(query: ReportedQuery): Promise<readonly ReportedRow[]> {
    return await reportedPage(this.engine, query);
  }

  async listed(query: ListedQuery): Promise<readonly ListedRecord[]> {
    return await listedPage(this.engine, query);
  }

  async changes(query: ChangesQuery): Promise<ChangesPage> {
    return await changesPage(this.engine, query);
  }

  async ages(scope: UsageScope, groups: readonly AgeQuery[]): Promise<readonly (UsageAge | undefined)[]> {
    if (groups.length === 0) return [];
    const condition = scopeCondition(scope);
    const rows = await this.#ledger(scope, "1", ({ asStored }) =>
      this.engine.over(groups.map(ageLine).join(""), AGE_STRUCTURE, (table) =>
        this.engine.query<AgeRow>("read", agesSql(asStored, { table, condition })),
      ),
    );
    return agesFrom(rows, groups);
  }

  async find(
    search: RecordSearch,
    limit: number,
    archives: readonly ArchivedMonth[] = [],
  ): Promise<readonly RecordRef[]> {
    const condition = isPlace(search) ? placeCondition(search) : hourCondition(search);
    const rows = await overLedger(this.engine, { archives, condition }, ({ asStored: ledger }) =>
      isPlace(search)
        ? this.engine.query<RefRow>("read", placeSql(ledger, search))
        : this.engine.over(searchLine(search), SEARCH_STRUCTURE, (table) =>
            this.engine.query<RefRow>("read", searchSql({ ledger, table }, search, limit)),
          ),
    );
    return rows.map(refFromRow);
  }

  async ping(): Promise<void> {
    // Of the table, so that a shard that is gone shows too; the engine keeps this number.
    await this.engine.query("read", "select count() from usage_entry");
  }

  async brokenData(): Promise<string | undefined> {
    return await this.#broken.reason(this.engine);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}
