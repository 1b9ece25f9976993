import { monthStart, yearMonthOf } from "../../lib/instant.ts";
import { Fault } from "../faults/fault.ts";
import { type Hour, hourOf, hourStartMs } from "../ids.ts";

/** A billing period: one calendar month in UTC, as half-open hours. */
export interface Period {
  /** For example 2024-02. */
  readonly name: string;
  readonly from: Hour;
  readonly to: Hour;
}

/** @throws Fault PeriodInvalid */
export function parsePeriod(text: string): Period {
  const match = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(text);
  if (match === null) throw new Fault("PeriodInvalid", { period: text });
  const [year, month] = [Number.parseInt(match[1]!, 10), Number.parseInt(match[2]!, 10)];
  return { name: text, from: hourOf(monthStart(year, month)), to: hourOf(monthStart(year, month + 1)) };
}

/** The period that an instant lies in. */
export function periodOf(instantMs: number): Period {
  const { year, month } = yearMonthOf(instantMs);
  return parsePeriod(`${year}-${String(month).padStart(2, "0")}`);
}

/** The first hour after the month that an hour lies in. @throws Fault PeriodInvalid */
export const monthAfter = (hour: Hour): Hour => periodOf(hourStartMs(hour)).to;

/** The period so many months later, or earlier where `months` is negative. */
export function monthsLater({ from }: Period, months: number): Period {
  const { year, month } = yearMonthOf(hourStartMs(from));
  return periodOf(monthStart(year, month + months));
}
