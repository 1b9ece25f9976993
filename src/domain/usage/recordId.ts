import { HOUR_MS } from "../../lib/instant.ts";
import { hourOf, registrationId } from "../ids.ts";
import type { RecordRef } from "./store.ts";

const FORM = /^(\d{1,9})\.(\d{1,7})\.(\d{1,7})\.([0-9a-f]{16})(?:\.([0-9a-f]{32}))?$/;

/** How a record is named in an address: registration, usage hour, reported hour, series, and the event where it is one. */
export const formatRecordId = ({ registration, usageStartMs, reportedStartMs, series, event }: RecordRef): string =>
  [registration, hourOf(usageStartMs), hourOf(reportedStartMs), series, ...(event === "" ? [] : [event])].join(".");

/** The record of a name as `formatRecordId` writes it; undefined when the text is none. */
export function parseRecordId(text: string): RecordRef | undefined {
  const [, registration, usageHour, reportedHour, series, event = ""] = FORM.exec(text) ?? [];
  if (registration === undefined || usageHour === undefined || reportedHour === undefined || series === undefined) {
    return undefined;
  }
  return {
    registration: registrationId(Number.parseInt(registration, 10)),
    usageStartMs: Number.parseInt(usageHour, 10) * HOUR_MS,
    reportedStartMs: Number.parseInt(reportedHour, 10) * HOUR_MS,
    series,
    event,
  };
}
