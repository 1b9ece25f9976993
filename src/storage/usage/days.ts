import { registrationId, type RegistrationId } from "../../domain/ids.ts";
import { dayOf, type TouchedDays, type UsageDay, type UsageDayStore } from "../../domain/usage/day.ts";
import type { UsageRow } from "../../domain/usage/store.ts";
import { DAY_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { seconds } from "./entries.ts";

/** The newest batch of a registration that marked days, and which; most pieces of a batch touch the same ones. */
interface Marked {
  readonly batch: number;
  readonly days: Set<number>;
  reportedUntilMs: number;
}

/** Marks days before anything of them is written. */
export class DayMarks {
  readonly #days: UsageDayStore;
  readonly #marked = new Map<RegistrationId, Marked>();

  constructor(days: UsageDayStore) {
    this.#days = days;
  }

  /** To be kept before the rows are written. */
  async ofRows(rows: readonly UsageRow[]): Promise<void> {
    for (const own of Map.groupBy(rows, ({ registration, batch }) => `${registration} ${batch}`).values()) {
      const { registration, batch } = own[0]!;
      const days = new Set<number>();
      let reportedUntilMs = 0;
      for (const { record } of own) {
        days.add(dayOf(record.usageStartMs));
        reportedUntilMs = Math.max(reportedUntilMs, record.window.endMs);
      }
      await this.#mark({ registration, batch, days: [...days], reportedUntilMs });
    }
  }

  async #mark({ registration, batch, days, reportedUntilMs }: Required<TouchedDays>): Promise<void> {
    const known = this.#marked.get(registration);
    const marked: Marked = known?.batch === batch ? known : { batch, days: new Set(), reportedUntilMs: 0 };
    const added = days.filter((day) => !marked.days.has(day));
    if (added.length === 0 && reportedUntilMs <= marked.reportedUntilMs) return;
    await this.#days.touch({ registration, batch, days: added, reportedUntilMs });
    for (const day of added) marked.days.add(day);
    marked.reportedUntilMs = Math.max(marked.reportedUntilMs, reportedUntilMs);
    this.#marked.set(registration, marked);
  }

  /** Of a decision: the days of the entries that it will end. To be kept before it is carried out. */
  async ofEntries(
    engine: Engine,
    { registration, decision }: { readonly registration: RegistrationId; readonly decision: number },
    condition: string,
  ): Promise<void> {
    const found = await engine.query<[number]>(
      "read",
      `select distinct toUInt16(toDate(usage_start)) from usage_entry where ${condition}`,
    );
    await this.#days.touch({ registration, batch: decision, days: found.map(([day]) => day) });
  }

  /** Marks the days of usage that was stored before days were marked. */
  async ofAll(engine: Engine): Promise<void> {
    if (await this.#days.any()) return;
    const found = await engine.query<[number, number, number]>(
      "read",
      `select registration, toUInt16(toDate(usage_start)) as day, max(batch) from usage_entry group by registration, day`,
    );
    await this.#days.fill(
      found.map(([registration, day, touchedBy]) => ({
        registration: registrationId(registration),
        day,
        touchedBy,
        rolledUpTo: 0,
      })),
    );
  }
}

/**
 * Writes the sums of whole days as they were known when the last batch that touched them was the newest one. Every group
 * is written, also one in which nothing is left: it takes the place of what an older version said.
 * @param days of one calendar month
 */
export const rollUpSql = (days: readonly UsageDay[], table: string): string => {
  const numbers = days.map(({ day }) => day);
  const [from, to] = [Math.min(...numbers), Math.max(...numbers) + 1];
  const registrations = [...new Set(days.map(({ registration }) => registration))];
  return `
    insert into usage_day (registration, local_subscription, day, meter, held, quantity, records, version)
    select e.registration, e.local_subscription, toDate(e.usage_start) as of_day, e.meter, e.held, sum(e.quantity),
      sum(toInt64(e.sign)), any(t.touched)
    from (select registration, local_subscription, usage_start, meter, held, quantity, sign, batch
      from usage_entry final
      where registration in (${registrations.join(", ")}) and usage_start >= ${seconds(from * DAY_MS)}
        and usage_start < ${seconds(to * DAY_MS)}) as e
    inner join (select r, toDate(d) as of_day, touched from ${table}) as t
      on e.registration = t.r and toDate(e.usage_start) = t.of_day
    where e.batch <= t.touched
    group by e.registration, e.local_subscription, of_day, e.meter, e.held`;
};

export const ROLL_UP_STRUCTURE = "r UInt32, d UInt16, touched UInt64";
export const rollUpLine = ({ registration, day, touchedBy }: UsageDay): string =>
  `${registration}\t${day}\t${touchedBy}\n`;
