import { Fault } from "../../domain/faults/fault.ts";

/**
 * A place in a file system: from the root, as in `/data/usage/store/4e2/`, or at least two folders deep, as in
 * `store/4e2/all_1_1_0/data.bin`. A single slash may be anything: MiB/s.
 */
const PATH = /(?<!\w)\/[^\s'"`()[\]<>,;]+|[\w.+-]+(?:\/[\w.+-]+){2,}\/?/g;

/** What the engine said, fit for whoever asks: one line, and nothing of where the server keeps what. */
export const withoutPaths = (said: string): string => said.split("\n", 1)[0]!.replace(PATH, "(a file)");

/**
 * The engine could not do it. Whoever asked is told what it said, without paths of the server; the log has all of it.
 * @param said by the engine, or of it
 * @param cause what is logged
 */
export const engineFault = (said: string, cause?: unknown): Fault =>
  new Fault(
    "UsageEngineUnavailable",
    { reason: withoutPaths(said) },
    { cause: typeof cause === "string" ? new Error(cause) : cause },
  );
