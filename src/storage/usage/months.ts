import type { ArchiveSum, DeliveryInMonth, MonthFacts, UsageMonths } from "../../domain/usage/archive.ts";
import type { Hour } from "../../domain/ids.ts";
import { type Period, parsePeriod } from "../../domain/statement/period.ts";
import type { StoredMonth } from "../../domain/usage/retention.ts";
import type { RecordRef } from "../../domain/usage/store.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds, USAGE_ENTRY, digestLiteral } from "./entries.ts";
import { LEDGER_STRUCTURE } from "./parquet.ts";

const SORT_KEY =
  "registration, reported_start, local_subscription, usage_start, series, event, content, held, kind, sign, decision, ended";
const EVENT_COLUMNS =
  "registration, event, usage_start, reported_start, series, content, held, kind, sign, decision, ended";

const inMonth = ({ from, to }: Period): string =>
  `usage_start >= ${hourSeconds(from)} and usage_start < ${hourSeconds(to)}`;

/** What is archived of a month: not what came in after its archive. */
const ofMonth = (period: Period): string => `${inMonth(period)} and held != 'archived'`;

type SumRow = [ArchiveSum["meter"], ArchiveSum["held"], ArchiveSum["sign"], number, string, string];

const factsSql = (source: string): string => `select meter, held, sign, count() as entries, toString(sum(quantity)),
    toString(sum(sipHash64(${USAGE_ENTRY.columns})))
  from ${source} group by meter, held, sign order by meter, held, sign`;

const FINGERPRINT_BITS = 64;

function factsOf(rows: readonly SumRow[]): MonthFacts {
  const sums = rows.map(([meter, held, sign, entries, quantity]) => ({ meter, held, sign, entries, quantity }));
  const fingerprint = rows.reduce((so, row) => BigInt.asUintN(FINGERPRINT_BITS, so + BigInt(row[5])), 0n);
  return {
    entries: sums.reduce((so, { entries }) => so + entries, 0),
    sums,
    fingerprint: fingerprint.toString(16).padStart(FINGERPRINT_BITS / 4, "0"),
  };
}

/** Months of usage over any engine. */
export class EngineMonths implements UsageMonths {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async list(before: Hour): Promise<readonly StoredMonth[]> {
    const rows = await this.#engine.query<[string, number, number, number]>(
      "read",
      `select formatDateTime(toStartOfMonth(usage_start), '%Y-%m') as month, count(), max(batch),
         toUnixTimestamp64Milli(max(accepted_at))
       from usage_entry where held != 'archived' and usage_start < ${hourSeconds(before)} group by month order by month`,
    );
    return rows.map(([month, entries, newestBatch, newestAtMs]) => {
      return { period: parsePeriod(month), entries, newestBatch, newestAtMs };
    });
  }

  async newestBatch(period: Period): Promise<number> {
    const [row] = await this.#engine.query<[number]>(
      "read",
      `select max(batch) from usage_entry where ${ofMonth(period)}`,
    );
    return row?.[0] ?? 0;
  }

  async facts(period: Period): Promise<MonthFacts> {
    const source = `usage_entry final where ${ofMonth(period)}`;
    return factsOf(await this.#engine.query<SumRow>("read", factsSql(source)));
  }

  async deliveries(period: Period): Promise<readonly DeliveryInMonth[]> {
    const rows = await this.#engine.query<[number, number]>(
      "read",
      `select delivery, count() from usage_entry final where ${ofMonth(period)} group by delivery order by delivery`,
    );
    return rows.map(([delivery, entries]) => ({ delivery, entries }));
  }

  async write(period: Period, path: string): Promise<void> {
    await this.#engine.exportFile(
      `select ${USAGE_ENTRY.columns} from usage_entry final where ${ofMonth(period)} order by ${SORT_KEY}`,
      "parquet",
      path,
    );
  }

  async factsOfFile(path: string): Promise<MonthFacts> {
    const rows = { paths: [path], structure: LEDGER_STRUCTURE, condition: "1" };
    return factsOf(
      await this.#engine.overParquet(rows, (table) => this.#engine.query<SumRow>("read", factsSql(table))),
    );
  }

  async drop(period: Period): Promise<void> {
    await this.#engine.query(
      "write",
      `insert into usage_archived_event (${EVENT_COLUMNS}) select ${EVENT_COLUMNS} from usage_entry
       where ${ofMonth(period)} and event != toFixedString('', 16)`,
    );
    const partition = period.name.replace("-", "");
    // A partition goes at once; where something came in after the archive, all but that is taken out of it.
    const statement =
      (await this.#count(`${inMonth(period)} and held = 'archived'`)) === 0
        ? `alter table usage_entry drop partition ${partition}`
        : `alter table usage_entry delete in partition ${partition} where held != 'archived' settings mutations_sync = 2`;
    await this.#everywhere(statement);
    // No day before the horizon is read from its rollup.
    await this.#everywhere(`alter table usage_day drop partition ${partition}`);
    const left = await this.#count(ofMonth(period));
    if (left > 0) throw new Error(`${left} entries of ${period.name} are still there after it was dropped`);
  }

  async #everywhere(statement: string): Promise<void> {
    for (const place of this.#engine.schemaPlaces) {
      for (const sql of this.#engine.statementsOf(statement, ["usage_entry", "usage_day"])) await place.query(sql);
    }
  }

  async #count(condition: string): Promise<number> {
    const [row] = await this.#engine.query<[number]>("read", `select count() from usage_entry where ${condition}`);
    return row?.[0] ?? 0;
  }

  async isEventArchived({ registration, event }: RecordRef): Promise<boolean> {
    if (event === "") return false;
    const [row] = await this.#engine.query<[number]>(
      "read",
      `select count() from usage_archived_event
       where registration = ${registration} and event = ${digestLiteral(event, 16)}`,
    );
    return (row?.[0] ?? 0) > 0;
  }
}
