// Loaded into a server before its program (node --import): stops it or its engine with kill -9 at the point that stands
// first in a plan, once.
import { readFileSync, writeFileSync } from "node:fs";
import { armFaultPoints } from "../../src/lib/faultPoint.ts";
import { engineOf, PLAN_VARIABLE, type Stop } from "./plan.ts";

const file = process.env[PLAN_VARIABLE] ?? "";

armFaultPoints((point) => {
  const [next, ...later] = JSON.parse(readFileSync(file, "utf8")) as Stop[];
  if (next?.point !== point) return;
  const victim = next.who === "server" ? process.pid : engineOf(process.pid);
  // Between two engines there is nothing to kill; the next time the point is reached will do.
  if (victim === undefined) return;
  writeFileSync(file, JSON.stringify(later));
  process.kill(victim, "SIGKILL");
});
