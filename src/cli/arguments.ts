import { InvalidArgumentError } from "commander";
import { RECORDS_MIN } from "../../simulator/world.ts";
import { isFault } from "../domain/faults/fault.ts";
import { parsePeriod } from "../domain/statement/period.ts";
import { type InstantMs, parseInstant } from "../lib/instant.ts";

/** Parsers for arguments and options of commands; what they refuse is a usage error. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("a whole number is needed");
  return Number.parseInt(text, 10);
}

/** How many records a simulated world is to have. */
export function recordCount(text: string): number {
  const records = wholeNumber(text);
  if (records < RECORDS_MIN) throw new InvalidArgumentError(`at least ${RECORDS_MIN} are needed`);
  return records;
}

export function periodName(text: string): string {
  try {
    return parsePeriod(text).name;
  } catch (error) {
    throw isFault(error) ? new InvalidArgumentError(error.message) : error;
  }
}

/** A moment, in UTC where no zone is named. */
export function moment(text: string): InstantMs {
  const instantMs = parseInstant(text);
  if (instantMs === undefined) throw new InvalidArgumentError("a time such as 2024-02-01T00:00Z is needed");
  return instantMs;
}
