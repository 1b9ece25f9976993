import type { MeterId, RegistrationId } from "../../domain/ids.ts";
import { type DayPlan, daysOf, planDays, type UsageDayStore } from "../../domain/usage/day.ts";
import type { UsageScope, UsageSegment } from "../../domain/usage/store.ts";
import { DAY_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds, seconds } from "./entries.ts";
import { archivesIn, overLedger } from "./ledger.ts";

export const scopeCondition = ({ from, to, lastBatch, registrations }: UsageScope): string =>
  `usage_start >= ${hourSeconds(from)} and usage_start < ${hourSeconds(to)} and batch <= ${lastBatch}${
    registrations === undefined ? "" : ` and ${rangeCondition(registrations)}`
  }`;

const rangeCondition = ([first, last]: NonNullable<UsageScope["registrations"]>): string =>
  first === last ? `registration = ${first}` : `registration between ${first} and ${last}`;

/** Meter ids are checked to be letters and digits at the edge, so they may stand in SQL. */
export const meterList = (meters: readonly MeterId[]): string => meters.map((meter) => `'${meter}'`).join(", ");

/** The hour or the day of a row of either table, as seconds. */
const TIME = { entry: "toUnixTimestamp(usage_start)", day: "toUInt32(toUInt16(day) * 86400)" } as const;

/** What is added up, and by what. */
export interface Sum {
  readonly scope: UsageScope;
  /** Hours of local subscriptions whose bounds the sums must keep to. */
  readonly segments: readonly UsageSegment[];
  /** Columns of every row beside those of `ROW`; of entries and of days alike, over the time of the row. */
  readonly columns: (time: string) => readonly string[];
  readonly condition?: string;
  /** Single entries tell more than a day does: the rollup cannot answer. */
  readonly onlyEntries?: boolean;
}

const ROW = "registration, local_subscription, meter, held";

const ENTRIES_ONLY: DayPlan = { usesRollup: false, entryDays: [], cutDays: [] };

/** Afterwards everything is read entry by entry, which nothing can overtake. */
const PLANS_MAX = 3;

const DAY_S = seconds(DAY_MS);
/** Conditions on the usage hour in one query; with more stretches of days than this, one wide stretch. */
const STRETCHES_MAX = 32;
const REGISTRATIONS_MAX = 1_000;

/** Days as stretches of the usage hour, which an index of the table can use. */
function stretchCondition(days: readonly number[]): string {
  const ordered = [...new Set(days)].sort((a, b) => a - b);
  const stretches: { from: number; to: number }[] = [];
  for (const day of ordered) {
    const last = stretches.at(-1);
    if (last?.to === day) last.to = day + 1;
    else stretches.push({ from: day, to: day + 1 });
  }
  const few = stretches.length <= STRETCHES_MAX ? stretches : [{ from: stretches[0]!.from, to: stretches.at(-1)!.to }];
  const condition = few.map(({ from, to }) => `usage_start >= ${from * DAY_S} and usage_start < ${to * DAY_S}`);
  return `(${condition.join(" or ")})`;
}

const registrationCondition = (registrations: Iterable<RegistrationId>): string => {
  const distinct = [...new Set(registrations)];
  return distinct.length <= REGISTRATIONS_MAX ? ` and registration in (${distinct.join(", ")})` : "";
};

/** Tables of the days that a plan reads entry by entry; undefined where there are none. */
interface PlanTables {
  readonly ledger: string;
  readonly entryDays: string | undefined;
  readonly cutDays: string | undefined;
}

/**
 * Days of single local subscriptions are few among all that is stored in these days. They are picked by columns of the sort
 * key before anything else is read (prewhere): equal rows have these in common, so FINAL finds all of them or none.
 */
function entriesSql({ scope, columns, condition = "1" }: Sum, plan: DayPlan, tables: PlanTables): string {
  const select = `select ${[ROW, ...columns(TIME.entry)].join(", ")}, quantity, toInt64(sign) as records,
    toUInt64(0) as version from ${tables.ledger}`;
  const where = `where ${scopeCondition(scope)} and ${condition}`;
  if (!plan.usesRollup) return `${select} ${where}`;
  const all = [...plan.entryDays, ...plan.cutDays];
  const among: string[] = [];
  if (tables.entryDays !== undefined) among.push(`(registration, toDate(usage_start)) in ${tables.entryDays}`);
  if (tables.cutDays !== undefined) {
    among.push(`(registration, toString(local_subscription), toDate(usage_start)) in ${tables.cutDays}`);
  }
  const picked = `${stretchCondition(all.map(({ day }) => day))}
    ${registrationCondition(all.map(({ registration }) => registration))} and (${among.join(" or ")})`;
  // Archives are read along by way of a subquery, which knows no prewhere.
  return archivesIn(scope).length === 0 ? `${select} prewhere ${picked} ${where}` : `${select} ${where} and ${picked}`;
}

function daysSql({ scope, columns, condition = "1" }: Sum, tables: PlanTables): string {
  const [from, to] = daysOf(scope);
  const without = [
    ...(scope.registrations === undefined ? [] : [rangeCondition(scope.registrations)]),
    ...(tables.entryDays === undefined ? [] : [`(registration, day) not in ${tables.entryDays}`]),
    ...(tables.cutDays === undefined
      ? []
      : [`(registration, toString(local_subscription), day) not in ${tables.cutDays}`]),
  ];
  return `select ${[ROW, ...columns(TIME.day)].join(", ")}, quantity, records, version from usage_day final
    where day >= toDate(${from}) and day < toDate(${to}) and ${[condition, ...without].join(" and ")}`;
}

/** Adds usage up: from the rollup of days where that is exact, from the entries elsewhere. */
export class UsageSums {
  readonly #engine: Engine;
  readonly #days: UsageDayStore;

  constructor(engine: Engine, days: UsageDayStore) {
    this.#engine = engine;
    this.#days = days;
  }

  /**
   * Asks a query over the rows of a sum. A day may be rolled up anew, with batches that the scope must not know, between
   * the look at the marks and the look at the rollup: then some row tells a version past the scope, and it is planned
   * again. By then that day has a mark past the scope, and is read entry by entry.
   * @param query makes SQL from the rows as a subquery with `quantity`, `records` and `version`
   * @param newestOf the newest version behind a row of the answer
   */
  async ask<Row extends readonly unknown[]>(
    sum: Sum,
    query: (rows: string) => string,
    newestOf: (row: Row) => number,
  ): Promise<readonly Row[]> {
    const { scope, segments, onlyEntries = false } = sum;
    for (let plans = 1; ; plans += 1) {
      const plan =
        onlyEntries || plans > PLANS_MAX
          ? ENTRIES_ONLY
          : planDays(await this.#days.between(...daysOf(scope), scope.registrations), scope, segments);
      const rows = await this.#planned<Row>(sum, plan, query);
      if (rows.every((row) => newestOf(row) <= scope.lastBatch)) return rows;
    }
  }

  async #planned<Row extends readonly unknown[]>(
    sum: Sum,
    plan: DayPlan,
    query: (rows: string) => string,
  ): Promise<Row[]> {
    const { usesRollup, entryDays, cutDays } = plan;
    const source = { archives: archivesIn(sum.scope), condition: scopeCondition(sum.scope) };
    const ask = (days: Omit<PlanTables, "ledger">): Promise<Row[]> =>
      overLedger(this.#engine, source, ({ once }) => askOver({ ...days, ledger: once }));
    const askOver = (tables: PlanTables): Promise<Row[]> => {
      const parts = [
        ...(usesRollup ? [daysSql(sum, tables)] : []),
        ...(usesRollup && entryDays.length + cutDays.length === 0 ? [] : [entriesSql(sum, plan, tables)]),
      ];
      return this.#engine.query<Row>("read", query(`(${parts.join(" union all ")})`));
    };
    if (!usesRollup) return await ask({ entryDays: undefined, cutDays: undefined });
    const entryLines = entryDays.map(({ registration, day }) => `${registration}\t${day}\n`).join("");
    const cutLines = cutDays.map((so) => `${so.registration}\t${so.localSubscription}\t${so.day}\n`).join("");
    return await this.#engine.over(entryLines, "r UInt32, d UInt16", (entries) =>
      this.#engine.over(cutLines, "r UInt32, l String, d UInt16", (cuts) =>
        ask({
          entryDays: entryDays.length === 0 ? undefined : `(select r, toDate(d) from ${entries})`,
          cutDays: cutDays.length === 0 ? undefined : `(select r, l, toDate(d) from ${cuts})`,
        }),
      ),
    );
  }
}
