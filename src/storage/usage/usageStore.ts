import { type Hour, hourStartMs, type LocalSubscriptionId, type MeterId, registrationId } from "../../domain/ids.ts";
import type { UsedResource } from "../../domain/usage/record.ts";
import type {
  RecordPage,
  RecordQuery,
  StoredRecord,
  StoredTotal,
  UsageRow,
  UsageScope,
  UsageSegment,
  UsageStore,
  UsageTotal,
} from "../../domain/usage/store.ts";
import { HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import { periodOf } from "../../domain/statement/period.ts";
import type { Engine, InsertTarget } from "./engine.ts";
import { migrateUsage } from "./migrate.ts";
import { tsvField } from "./tsv.ts";

const ROW_STRUCTURE = [
  "registration UInt32, reported_start UInt32, reported_end UInt32, local_subscription String, usage_start UInt32",
  "meter String, meter_as_sent String, resource_uri String, location String, tags String, additional_info String",
  "quantity Decimal(76, 30), key String, content String, conflict Bool, batch UInt64, position UInt32, accepted_at Int64",
].join(", ");
const COLUMNS = ROW_STRUCTURE.replace(/ (Decimal\(76, 30\)|\w+)(,|$)/g, "$2");
const CONVERTED = COLUMNS.replace("key", "toFixedString(unhex(key), 16)")
  .replace("content", "toFixedString(unhex(content), 8)")
  .replace("accepted_at", "fromUnixTimestamp64Milli(accepted_at, 'UTC')");

const USAGE_RECORD: InsertTarget = {
  table: "usage_record",
  columns: COLUMNS,
  structure: ROW_STRUCTURE,
  converted: CONVERTED,
};

const SEGMENT_STRUCTURE = "registration UInt32, local_subscription String, from_s UInt32, to_s UInt32";

const seconds = (ms: number): number => Math.floor(ms / SECOND_MS);
const hourSeconds = (hour: Hour): number => seconds(hourStartMs(hour));

const fieldsOfResource = new WeakMap<UsedResource, string>();

/** A resource's columns, written once for all its hours. */
function resourceFields(resource: UsedResource): string {
  const known = fieldsOfResource.get(resource);
  if (known !== undefined) return known;
  const { uri, location, tags, additionalInfo } = resource;
  const fields = [uri, location, tags, additionalInfo].map(tsvField).join("\t");
  fieldsOfResource.set(resource, fields);
  return fields;
}

function rowLine(row: UsageRow): string {
  const { record, registration, key, content, conflict, batch, position, acceptedAtMs } = row;
  const { window } = record;
  return `${registration}\t${seconds(window.startMs)}\t${seconds(window.endMs)}\t${record.localSubscription}\t${seconds(record.usageStartMs)}\t${record.meter}\t${record.meterAsSent}\t${resourceFields(record.resource)}\t${record.quantity}\t${key}\t${content}\t${conflict ? 1 : 0}\t${batch}\t${position}\t${acceptedAtMs}\n`;
}

/**
 * Rows that are written at a time. About 110 KB, which V8 still counts as small; the text of a whole piece would be 6 MB,
 * and as much again on its way to the file, which stay until the next large collection.
 */
const ROWS_PER_WRITE = 200;

function* rowLines(rows: readonly UsageRow[]): Generator<string> {
  for (let from = 0; from < rows.length; from += ROWS_PER_WRITE) {
    yield rows
      .slice(from, from + ROWS_PER_WRITE)
      .map(rowLine)
      .join("");
  }
}

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

type TotalRow = [number, string, string, number, boolean, string, number];
const totalFromRow = ([
  registration,
  localSubscription,
  meter,
  hourS,
  conflict,
  quantity,
  records,
]: TotalRow): UsageTotal => ({
  registration: registrationId(registration),
  localSubscription: localSubscription as LocalSubscriptionId,
  meter: meter as MeterId,
  hour: hourS === 0 ? null : (((hourS * SECOND_MS) / HOUR_MS) as Hour),
  conflict,
  quantity,
  records,
});

type RecordRow = [string, string, string, number, number, number, string, number, number, number];
const recordFromRow = (row: RecordRow): StoredRecord => ({
  localSubscription: row[0] as LocalSubscriptionId,
  meter: row[1] as MeterId,
  resourceUri: row[2],
  usageStartMs: row[3] * SECOND_MS,
  reportedStartMs: row[4] * SECOND_MS,
  reportedEndMs: row[5] * SECOND_MS,
  quantity: row[6],
  batch: row[7],
  position: row[8],
  acceptedAtMs: row[9],
});

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

  async knownVersions(
    registration: number,
    reportedStartMs: { readonly min: number; readonly max: number },
    keys: readonly string[],
  ): Promise<readonly { readonly key: string; readonly content: string }[]> {
    if (keys.length === 0) return [];
    return await this.engine.over(`${keys.join("\n")}\n`, "k String", async (table) => {
      const rows = await this.engine.query<[string, string]>(
        "read",
        `select lower(hex(key)), lower(hex(content)) from usage_record
         where registration = ${registration}
           and reported_start between ${seconds(reportedStartMs.min)} and ${seconds(reportedStartMs.max)}
           and key in (select toFixedString(unhex(k), 16) from ${table})`,
      );
      return rows.map(([key, content]) => ({ key, content }));
    });
  }

  async append(rows: readonly UsageRow[]): Promise<void> {
    // An insert over several partitions is several parts, which a crash may separate; one month at a time it is one.
    for (const month of byMonth(rows)) {
      await this.engine.insert(USAGE_RECORD, rowLines(month));
    }
  }

  async totals(scope: UsageScope, segments: readonly UsageSegment[]): Promise<readonly UsageTotal[]> {
    const sums = (hour: string): Promise<TotalRow[]> =>
      this.engine.query<TotalRow>(
        "read",
        `select registration, local_subscription, meter, ${hour} as hour_s, false, sum(quantity), count()
         from usage_record final where ${scopeCondition(scope)} and not conflict
         group by registration, local_subscription, meter, hour_s ${FINAL}`,
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
    return [...counted, ...(await this.#conflicts(scope))].map(totalFromRow);
  }

  /** Later versions of conflicts are few: found by their mark, they need no FINAL to count once. */
  async #conflicts(scope: UsageScope): Promise<readonly TotalRow[]> {
    return await this.engine.query<TotalRow>(
      "read",
      `select registration, local_subscription, meter, 0, true, sum(quantity), count()
       from (select * from usage_record where conflict and ${scopeCondition(scope)} order by batch limit 1 by key, content)
       group by registration, local_subscription, meter`,
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
        `select r.registration, r.local_subscription, r.meter, ${hour} as hour_s, r.conflict,
           sum(r.quantity), count()
         ${this.#segmentsOf(table, scope, meters, segments)}
         group by r.registration, r.local_subscription, r.meter, hour_s, r.conflict ${FINAL}`,
      );
      return rows.map(totalFromRow);
    });
  }

  #segmentsOf(table: string, scope: UsageScope, meters: readonly MeterId[], segments: readonly UsageSegment[]): string {
    return `from (select * from usage_record final
        where ${scopeCondition(scope)} and not conflict
          and meter in (${meterList(meters)}) and registration in (${registrationList(segments)})) as r
      inner join ${table} as s
        on r.registration = s.registration and r.local_subscription = s.local_subscription
      where toUnixTimestamp(r.usage_start) >= s.from_s and toUnixTimestamp(r.usage_start) < s.to_s`;
  }

  async stored(scope: UsageScope): Promise<readonly StoredTotal[]> {
    const rows = await this.engine.query<[string, string, number]>(
      "read",
      `select meter, sum(quantity), count() from usage_record final where ${scopeCondition(scope)} group by meter ${FINAL}`,
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
        `select sum(r.quantity), count() ${source} ${FINAL}`,
      );
      const rows = await this.engine.query<RecordRow>(
        "read",
        `select r.local_subscription, r.meter, r.resource_uri, toUnixTimestamp(r.usage_start),
           toUnixTimestamp(r.reported_start), toUnixTimestamp(r.reported_end), r.quantity, r.batch, r.position,
           toUnixTimestamp64Milli(r.accepted_at)
         ${source}
         order by r.usage_start, r.registration, r.local_subscription, r.resource_uri, r.meter, r.reported_start, r.key
         limit ${limit} offset ${offset} ${FINAL}`,
      );
      return { records: rows.map(recordFromRow), recordsInAll: totals?.[1] ?? 0, quantityInAll: totals?.[0] ?? "0" };
    });
  }

  async ping(): Promise<void> {
    // Of the table, so that a shard that is gone shows too; the engine keeps this number.
    await this.engine.query("read", "select count() from usage_record");
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}
