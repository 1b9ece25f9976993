import { readFileSync } from "node:fs";
import type { FaultPoint } from "../../src/lib/faultPoint.ts";

export const VICTIMS = ["server", "engine"] as const;
export type Victim = (typeof VICTIMS)[number];

/** Who is killed where. */
export interface Stop {
  readonly point: FaultPoint;
  readonly who: Victim;
}

/** Names the file with what is still to be stopped. */
export const PLAN_VARIABLE = "CRASH_PLAN";

/** The process of a server's engine. */
export function engineOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? undefined : Number.parseInt(children.split(" ")[0]!, 10);
}
