export interface SpoolRules {
  readonly spoolBytesMax: number;
  /** Per cent of it from which on a warning is given. */
  readonly spoolWarnPercent: number;
}

export type SpoolRoom = "free" | "nearly-full" | "full";

/** How much room is left for what waits to be delivered. A full spool stops the reading; nothing is ever dropped. */
export function spoolRoom(bytes: number, { spoolBytesMax, spoolWarnPercent }: SpoolRules): SpoolRoom {
  if (bytes >= spoolBytesMax) return "full";
  return bytes * 100 >= spoolBytesMax * spoolWarnPercent ? "nearly-full" : "free";
}
