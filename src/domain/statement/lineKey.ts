import type { StatementLine } from "./statement.ts";

type Keyed = Pick<StatementLine, "kind" | "registration" | "meter" | "commerceMeter" | "factor" | "tier">;

/**
 * Lines by what they are for, so that those of two statements of one payer can be laid side by side: stamp, meter, what it
 * is priced by, and the tier. Where several lines of a statement are for the same, they are told apart by their order.
 */
export function lineKeys<Line extends Keyed>(lines: readonly Line[]): Map<string, Line> {
  const keys = new Map<string, Line>();
  for (const line of lines) {
    const { kind, registration, meter, commerceMeter, factor, tier } = line;
    const key = `${kind} ${registration} ${meter} ${commerceMeter} ${factor} ${tier}`;
    let unique = key;
    for (let n = 2; keys.has(unique); n += 1) unique = `${key} ${n}`;
    keys.set(unique, line);
  }
  return keys;
}
