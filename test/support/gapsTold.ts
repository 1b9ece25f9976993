import { expect } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { CompletenessInfo } from "../../src/client/completenessTypes.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { formatInstant, HOUR_MS, type InstantMs, parseInstant } from "../../src/lib/instant.ts";

interface Span {
  readonly fromMs: InstantMs;
  readonly toMs: InstantMs;
}

const hoursOf = ({ fromMs, toMs }: Span): readonly InstantMs[] =>
  Array.from({ length: (toMs - fromMs) / HOUR_MS }, (_, i) => fromMs + i * HOUR_MS);

const textOf = ({ fromMs, toMs }: Span) => ({ from: formatInstant(fromMs), to: formatInstant(toMs) });

/** The hours that an answer calls missing. Its stretches and its count tell the same ones. */
function missingIn({ value, summary }: CompletenessInfo): readonly InstantMs[] {
  const missing = value.filter(({ state }) => state === "missing").map(({ hour }) => parseInstant(hour)!);
  const inGaps = summary.gaps.flatMap(({ from, to }) =>
    hoursOf({ fromMs: parseInstant(from)!, toMs: parseInstant(to)! }),
  );
  expect(inGaps).toEqual(missing);
  expect(summary.hours.missing).toBe(missing.length);
  return missing;
}

/** Looks at what a server tells of the hours of one stamp, and holds it against what the server has of them. */
export class GapWatch {
  readonly #registration: string;
  readonly #firstMs: InstantMs;
  #hasUsage = false;

  /** @param firstMs the first hour that the stamp ever had usage of; later ones are expected once any has come */
  constructor(registration: string, firstMs: InstantMs) {
    this.#registration = registration;
    this.#firstMs = firstMs;
  }

  /**
   * What is told to be missing is what the totals have no usage of, hour by hour.
   * @returns the missing hours, and what the answers find wrong
   */
  async look(
    client: Client,
    span: Span,
  ): Promise<{ readonly missing: readonly InstantMs[]; readonly findings: readonly string[] }> {
    const [missing, findings]: [InstantMs[], string[]] = [[], []];
    for (let { fromMs } = span; fromMs < span.toMs; fromMs += LIMITS.completenessHoursMax * HOUR_MS) {
      const piece = { fromMs, toMs: Math.min(span.toMs, fromMs + LIMITS.completenessHoursMax * HOUR_MS) };
      const { told, there } = await this.#both(client, piece);
      this.#hasUsage ||= there.size > 0;
      const expected = hoursOf(piece).filter((hour) => this.#hasUsage && hour >= this.#firstMs);
      const found = missingIn(told);
      expect(found).toEqual(expected.filter((hour) => !there.has(hour)));
      missing.push(...found);
      findings.push(...told.findings.map(({ kind }) => kind));
    }
    return { missing, findings };
  }

  /** Both answers as of one batch: a delivery that was cut off may end in between. */
  async #both(client: Client, piece: Span) {
    for (;;) {
      const told = await client.completeness(this.#registration, textOf(piece));
      const { there, lastBatch } = await this.#hoursWithUsage(client, piece);
      if (told.lastBatch === lastBatch) return { told, there };
    }
  }

  async #hoursWithUsage(client: Client, piece: Span) {
    const there = new Set<InstantMs>();
    const of = { registration: this.#registration, groupBy: "registration", by: "hour", limit: 1_000 };
    let asOf: { readonly after: number; readonly asOf: string } | undefined;
    for (;;) {
      const page = await client.totals.page({ ...textOf(piece), ...of, ...asOf });
      for (const { from } of page.value) there.add(parseInstant(from)!);
      if (page.next === undefined) return { there, lastBatch: page.lastBatch };
      asOf = { after: page.next, asOf: page.asOf };
    }
  }
}
