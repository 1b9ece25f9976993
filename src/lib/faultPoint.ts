/**
 * Every place at which the crash tests stop a process, in the order of the work: between two steps that have to be durable
 * one after the other. docs/internals/durability.md says what a crash leaves at each.
 */
export const FAULT_POINTS = [
  "intake: batch started",
  "intake: piece judged",
  "usage: days marked",
  "usage: rows handed over",
  "usage: events stored",
  "usage: month stored",
  "intake: piece stored",
  "intake: batch stored",
  "intake: batch finished",
  "decision: recorded",
  "decision: days marked",
  "decision: carried out",
  "decision: finished",
  "decision: taken up again",
  "roll-up: sums written",
  "statements: sums read",
  "statements: saved",
] as const;
/** The same where a period is closed or corrected. */
export const CLOSE_FAULT_POINTS = [
  "close: checked",
  "close: saved",
  "corrections: worked out",
  "corrections: saved",
] as const;
/** The same where a month of usage is archived. */
export const ARCHIVE_FAULT_POINTS = [
  "archive: file written",
  "archive: file kept",
  "archive: file compared",
  "archive: noted",
  "archive: dropped",
  "archive: finished",
] as const;
/** The same where what was closed is exported by itself. */
export const EXPORT_FAULT_POINTS = [
  "export: rows begun",
  "export: file written",
  "export: file copied",
  "export: file kept",
  "export: manifest kept",
] as const;
/** The same where a command writes a file that it is sent. */
export const WHOLE_FILE_FAULT_POINTS = ["file: bytes written", "file: manifest written"] as const;
export type FaultPoint = (
  | typeof FAULT_POINTS
  | typeof CLOSE_FAULT_POINTS
  | typeof ARCHIVE_FAULT_POINTS
  | typeof EXPORT_FAULT_POINTS
  | typeof WHOLE_FILE_FAULT_POINTS
)[number];

let armed: ((point: FaultPoint) => void) | undefined;

/** Nothing happens here unless a test armed the process from inside; no setting, argument or request can. */
export function faultPoint(point: FaultPoint): void {
  armed?.(point);
}

/** Only for a module that a test loads into the process before the program (test/crash/stopAtFaultPoint.ts). */
export function armFaultPoints(reached: (point: FaultPoint) => void): void {
  armed = reached;
}
