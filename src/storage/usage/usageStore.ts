import { type Hour, hourStartMs, type MeterId, type RegistrationId } from "../../domain/ids.ts";
import { periodOf } from "../../domain/statement/period.ts";
import type { KnownEntry } from "../../domain/usage/entry.ts";
import type {
  KnownQuery,
  LedgerDecision,
  RecordPage,
  RecordQuery,
  RecordRef,
  StoredEntry,
  StoredTotal,
  UsageRow,
  UsageScope,
  UsageSegment,
  UsageStore,
  UsageTotal,
} from "../../domain/usage/store.ts";
import { choiceSql, recordCondition, withdrawalSql } from "./decisions.ts";
import type { Engine } from "./engine.ts";
import { entryLines, eventLines, seconds, USAGE_ENTRY, USAGE_EVENT, VERSION } from "./entries.ts";
import { migrateUsage } from "./migrate.ts";
import {
  conflictsSql,
  ENTRY_COLUMNS,
  entryFromRow,
  type EntryRow,
  knownFromRow,
  type KnownRow,
  recordFromRow,
  type RecordRow,
  refFromRow,
  type RefRow,
  totalFromRow,
  type TotalRow,
} from "./rows.ts";

const SEGMENT_STRUCTURE = "registration UInt32, local_subscription String, from_s UInt32, to_s UInt32";

const hourSeconds = (hour: Hour): number => seconds(hourStartMs(hour));

const segmentLine = ({ registration, localSubscription, from, to }: UsageSegment): string =>
  `${registration}\t${localSubscription}\t${hourSeconds(from)}\t${hourSeconds(to)}\n`;

const scopeCondition = ({ from, to, lastBatch }: UsageScope): string =>
  `usage_start >= ${hourSeconds(from)} and usage_start < ${hourSeconds(to)} and batch <= ${lastBatch}`;

/** Meter ids are checked to be letters and digits at the edge, so they may stand in SQL. */
const meterList = (meters: readonly MeterId[]): string => meters.map((meter) => `'${meter}'`).join(", ");
const registrationList = (segments: readonly UsageSegment[]): string =>
  [...new Set(segments.map(({ registration }) => registration))].join(", ");

// FINAL makes rows that repeat after a crash count once; equal keys share a partition, so partitions stay apart.
const FINAL = "settings do_not_merge_across_partitions_select_final = 1";

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

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  /**
   * Starts the engine and brings its schema up to date; the store closes it.
   * @throws Fault UsageEngineUnavailable, SchemaTooNew
   */
  static async open(engine: Engine): Promise<EngineUsageStore> {
    const store = new EngineUsageStore(engine);
    try {
      await engine.start();
      await migrateUsage(engine);
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
      this.#known(
        series,
        8,
        (among) =>
          `${ofRegistration} and reported_start between ${seconds(min)} and ${seconds(max)} and series ${among}`,
      ),
      this.#known(
        events,
        16,
        (among) => `${ofRegistration} and event ${among} and reported_start in
          (select reported_start from usage_event where ${ofRegistration} and event ${among})`,
      ),
    ]);
    return [...ofStamps, ...ofEvents];
  }

  async #known(
    digests: readonly string[],
    bytes: 8 | 16,
    condition: (among: string) => string,
  ): Promise<readonly KnownEntry[]> {
    if (digests.length === 0) return [];
    return await this.engine.over(`${digests.join("\n")}\n`, "d String", async (table) => {
      const rows = await this.engine.query<KnownRow>(
        "read",
        `select toUnixTimestamp(usage_start), toUnixTimestamp(reported_start), lower(hex(series)),
           if(event = toFixedString('', 16), '', lower(hex(event))), lower(hex(content)), held, kind, sign, decision, ended
         from usage_entry where ${condition(`in (select toFixedString(unhex(d), ${bytes}) from ${table})`)}`,
      );
      return rows.map(knownFromRow);
    });
  }

  async append(rows: readonly UsageRow[]): Promise<void> {
    const events = rows.filter(({ identity }) => identity.event !== "");
    // First, so that a crash leaves nothing that cannot be found: a digest without its entry is known to nobody.
    if (events.length > 0) await this.engine.insert(USAGE_EVENT, eventLines(events));
    // An insert over several partitions is several parts, which a crash may separate; one month at a time it is one.
    for (const month of byMonth(rows)) await this.engine.insert(USAGE_ENTRY, entryLines(month));
  }

  async withdraw(decision: LedgerDecision & { readonly delivery: number }): Promise<number> {
    await this.engine.query("write", withdrawalSql(decision));
    return await this.#ended(decision);
  }

  async choose(decision: LedgerDecision & { readonly record: RecordRef; readonly content: string }): Promise<number> {
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

  async entriesOf(record: RecordRef): Promise<readonly StoredEntry[]> {
    const rows = await this.engine.query<EntryRow>(
      "read",
      `select ${ENTRY_COLUMNS} from usage_entry final where ${recordCondition(record)}
       order by batch, position, sign, content`,
    );
    return rows.map(entryFromRow);
  }

  async conflicts(page: {
    readonly registration?: RegistrationId;
    readonly after?: RecordRef;
    readonly limit: number;
  }): Promise<readonly RecordRef[]> {
    const rows = await this.engine.query<RefRow>("read", conflictsSql(page));
    return rows.map(refFromRow);
  }

  async totals(scope: UsageScope, segments: readonly UsageSegment[]): Promise<readonly UsageTotal[]> {
    const sums = (hour: string): Promise<TotalRow[]> =>
      this.engine.query<TotalRow>(
        "read",
        `select registration, local_subscription, meter, ${hour} as hour_s, 'no', sum(quantity), sum(sign) as records
         from usage_entry final where ${scopeCondition(scope)} and held = 'no'
         group by registration, local_subscription, meter, hour_s having records != 0 ${FINAL}`,
      );
    // Cut at the hours at which any of them begins: each stretch then lies inside one segment, and there are few.
    const begins = [...new Set(segments.map(({ from }) => hourSeconds(from)))].sort((a, b) => a - b);
    const counted =
      segments.length === 0
        ? await sums("0")
        : await this.engine.over(segments.map(segmentLine).join(""), SEGMENT_STRUCTURE, (table) => {
            const isCut = `local_subscription in (select local_subscription from ${table})`;
            return sums(`if(${isCut}, roundDown(toUnixTimestamp(usage_start), [${begins.join(", ")}]), 0)`);
          });
    return [...counted, ...(await this.#held(scope))].map(totalFromRow);
  }

  /** Held versions are few: found by their mark, they need no FINAL to count once. */
  async #held(scope: UsageScope): Promise<readonly TotalRow[]> {
    return await this.engine.query<TotalRow>(
      "read",
      `select registration, local_subscription, meter, 0, held, sum(said), sum(sign) as records
       from (select ${VERSION}, meter, sign, any(quantity) as said from usage_entry
         where held != 'no' and ${scopeCondition(scope)} group by ${VERSION}, meter, sign, decision, ended)
       group by registration, local_subscription, meter, held having records != 0`,
    );
  }

  async segmentTotals(
    scope: UsageScope,
    meters: readonly MeterId[],
    segments: readonly UsageSegment[],
    by: "hour" | "segment",
  ): Promise<readonly UsageTotal[]> {
    const hour = by === "hour" ? "toUnixTimestamp(r.usage_start)" : "s.from_s";
    if (segments.length === 0 || meters.length === 0) return [];
    return await this.engine.over(segments.map(segmentLine).join(""), SEGMENT_STRUCTURE, async (table) => {
      const rows = await this.engine.query<TotalRow>(
        "read",
        `select r.registration, r.local_subscription, r.meter, ${hour} as hour_s, 'no', sum(r.quantity),
           sum(r.sign) as records
         ${this.#segmentsOf(table, scope, meters, segments)}
         group by r.registration, r.local_subscription, r.meter, hour_s having records != 0 ${FINAL}`,
      );
      return rows.map(totalFromRow);
    });
  }

  #segmentsOf(table: string, scope: UsageScope, meters: readonly MeterId[], segments: readonly UsageSegment[]): string {
    return `from (select * from usage_entry final
        where ${scopeCondition(scope)} and held = 'no'
          and meter in (${meterList(meters)}) and registration in (${registrationList(segments)})) as r
      inner join ${table} as s
        on r.registration = s.registration and r.local_subscription = s.local_subscription
      where toUnixTimestamp(r.usage_start) >= s.from_s and toUnixTimestamp(r.usage_start) < s.to_s`;
  }

  async stored(scope: UsageScope): Promise<readonly StoredTotal[]> {
    const rows = await this.engine.query<[string, string, number]>(
      "read",
      `select meter, sum(quantity), sum(sign) as records from usage_entry final where ${scopeCondition(scope)}
       group by meter having records != 0 ${FINAL}`,
    );
    return rows.map(([meter, quantity, records]) => ({ meter: meter as MeterId, quantity, records }));
  }

  async records(query: RecordQuery): Promise<RecordPage> {
    const { scope, meters, segments, offset, limit } = query;
    if (segments.length === 0 || meters.length === 0) return { records: [], recordsInAll: 0, quantityInAll: "0" };
    return await this.engine.over(segments.map(segmentLine).join(""), SEGMENT_STRUCTURE, async (table) => {
      const source = this.#segmentsOf(table, scope, meters, segments);
      const [totals] = await this.engine.query<[string, number]>(
        "read",
        `select sum(r.quantity), sum(r.sign) ${source} ${FINAL}`,
      );
      const rows = await this.engine.query<RecordRow>(
        "read",
        `select r.local_subscription, r.meter, r.resource_uri, toUnixTimestamp(r.usage_start),
           toUnixTimestamp(r.reported_start), toUnixTimestamp(r.reported_end), r.quantity, r.delivery, r.position,
           toUnixTimestamp64Milli(r.accepted_at)
         ${source} and r.sign = 1 and (${VERSION.replace(/\w+/g, "r.$&")}, r.decision) not in
           (select ${VERSION}, ended from usage_entry where ${scopeCondition(scope)} and held = 'no' and sign = -1)
         order by r.usage_start, r.registration, r.local_subscription, r.resource_uri, r.meter, r.reported_start, r.series,
           r.event, r.content
         limit ${limit} offset ${offset} ${FINAL}`,
      );
      return { records: rows.map(recordFromRow), recordsInAll: totals?.[1] ?? 0, quantityInAll: totals?.[0] ?? "0" };
    });
  }

  async ping(): Promise<void> {
    // Of the table, so that a shard that is gone shows too; the engine keeps this number.
    await this.engine.query("read", "select count() from usage_entry");
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}
