import { monthStart, yearMonthOf } from "../../lib/instant.ts";
import { type Hour, hourOf, hourStartMs } from "../ids.ts";
import { monthsLater, parsePeriod, type Period, periodOf } from "./period.ts";

/** From a period on, periods begin on this day and hour of the month that they are named after, in UTC. */
export interface PeriodRule {
  /** For example 2024-02. */
  readonly since: string;
  /** At most 28: every month has it. */
  readonly day: number;
  readonly hour: number;
}

const DAY_HOURS = 24;
const RULE = /^(20\d\d-(?:0[1-9]|1[0-2]))=(\d{1,2})T(\d{2})$/;

/** Reads the setting `periodBegins`: `2024-03=15T06`, several with commas between. Tells what is wrong as a text. */
export function readPeriodRules(text: string): readonly PeriodRule[] | string {
  const rules: PeriodRule[] = [];
  for (const part of text.split(",").map((so) => so.trim())) {
    if (part === "") continue;
    const [, since, dayText, hourText] = RULE.exec(part) ?? [];
    if (since === undefined) return `'${part}' is not like 2024-03=15T06`;
    const [day, hour] = [Number.parseInt(dayText!, 10), Number.parseInt(hourText!, 10)];
    if (day < 1 || day > 28) return `'${part}': the day must be from 1 to 28`;
    if (hour > 23) return `'${part}': the hour must be from 00 to 23`;
    if (rules.some((rule) => rule.since >= since)) return `'${part}' must come after the rules of earlier periods`;
    rules.push({ since, day, hour });
  }
  return rules;
}

/**
 * Billing periods by their names. A calendar month in UTC, unless a rule says on which day and hour they begin. A period
 * ends where the next one begins, so that no hour is in two or in none, also where a rule begins to count.
 */
export class BillingPeriods {
  readonly #rules: readonly PeriodRule[];

  /** @param rules ascending by the period that they count from */
  constructor(rules: readonly PeriodRule[] = []) {
    this.#rules = rules;
  }

  #beginOf(month: Period): Hour {
    const rule = this.#rules.findLast(({ since }) => since <= month.name);
    return rule === undefined ? month.from : ((month.from + (rule.day - 1) * DAY_HOURS + rule.hour) as Hour);
  }

  #ofMonth(month: Period): Period {
    return { name: month.name, from: this.#beginOf(month), to: this.#beginOf(monthsLater(month, 1)) };
  }

  /** @throws Fault PeriodInvalid */
  named(text: string): Period {
    return this.#ofMonth(parsePeriod(text));
  }

  /** The period that an instant lies in. @throws Fault PeriodInvalid */
  at(instantMs: number): Period {
    const month = periodOf(instantMs);
    const own = this.#ofMonth(month);
    return hourOf(instantMs) < own.from ? this.#ofMonth(monthsLater(month, -1)) : own;
  }

  /** The periods that hours lie in. @throws Fault PeriodInvalid */
  over(from: Hour, to: Hour): readonly Period[] {
    const periods: Period[] = [];
    for (let hour = from; hour < to; hour = periods.at(-1)!.to) periods.push(this.at(hourStartMs(hour)));
    return periods;
  }
}

/** So many whole months after an instant, as a calendar counts them: the same day and hour. */
export function monthsAfter(instantMs: number, months: number): number {
  const { year, month } = yearMonthOf(instantMs);
  return monthStart(year, month + months) + (instantMs - monthStart(year, month));
}
