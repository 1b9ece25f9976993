import { type Fault, type Language, reportFault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import type { IntakeCounts } from "../domain/usage/batch.ts";
import type { RecordOutcome } from "../operations/usage/intake.ts";

/** What the last line of an answer tells. */
export interface LastLine {
  /** Null when the intake broke before it could say so. */
  readonly batch: number | null;
  readonly counts: IntakeCounts;
  /** What was wrong with the body as a whole, or what broke. */
  readonly fault?: Fault | undefined;
  /** How much of this answer is given again to who sends the same request with the same key; absent without a key. */
  readonly kept?: "all" | "last line" | "nothing";
}

/**
 * What became of each record, as lines of an answer that goes out while the body still comes in. Lines are only made of
 * what is durable. Who does not read them is sent no more of them, and after a while nothing more is read of the body: the
 * intake itself never waits, since others wait for it.
 */
export class OutcomeLines {
  readonly #language: Language;
  #lines: Buffer[] = [];
  #bytes = 0;
  #isOver = false;
  #wake: (() => void)[] = [];
  /** All that was told, until it is more than is kept. */
  #told: Buffer[] | undefined;
  #toldBytes = 0;
  readonly #toldBytesMax: number;
  readonly counts = { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };

  /** @param toldBytesMax of how many bytes all lines are remembered */
  constructor(language: Language, toldBytesMax = 0) {
    this.#language = language;
    this.#told = toldBytesMax === 0 ? undefined : [];
    this.#toldBytesMax = toldBytesMax;
  }

  /** All lines so far, unless they are more than are remembered. */
  get told(): Buffer | undefined {
    return this.#told === undefined ? undefined : Buffer.concat(this.#told);
  }

  /** Whether there is anything to send, or was. */
  get begun(): boolean {
    return Object.values(this.counts).some((count) => count > 0);
  }

  tell(outcomes: readonly RecordOutcome[]): void {
    for (const { outcome } of outcomes) this.counts[outcome] += 1;
    if (outcomes.length > 0) this.#add(outcomes.map((outcome) => `${JSON.stringify(this.#line(outcome))}\n`).join(""));
  }

  #line(outcome: RecordOutcome): object {
    if (outcome.outcome !== "rejected") return outcome;
    const { fault, ...rest } = outcome;
    return { ...rest, ...reportFault(fault, this.#language) };
  }

  lastLine({ batch, counts, fault, kept }: LastLine): string {
    const error = fault === undefined ? {} : { error: reportFault(fault, this.#language) };
    return `${JSON.stringify({ batch, counts, ...error, ...(kept === undefined ? {} : { kept }) })}\n`;
  }

  end(lastLine: string): void {
    this.#add(lastLine);
    this.close();
  }

  /** No more lines are made, or nobody reads them any more. */
  close(): void {
    this.#isOver = true;
    this.#stir();
  }

  #add(text: string): void {
    const lines = Buffer.from(text);
    this.#toldBytes += lines.length;
    if (this.#toldBytes > this.#toldBytesMax) this.#told = undefined;
    else this.#told?.push(lines);
    if (this.#isOver) return;
    this.#lines.push(lines);
    this.#bytes += lines.length;
    this.#stir();
  }

  #stir(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** The lines as they come, until the last one. */
  async *read(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        for (let lines = this.#lines.shift(); lines !== undefined; lines = this.#lines.shift()) {
          this.#bytes -= lines.length;
          this.#stir();
          yield lines;
        }
        if (this.#isOver) return;
        await this.#change();
      }
    } finally {
      this.#lines = [];
      this.#bytes = 0;
      this.close();
    }
  }

  /** Waits for the first line, or the end. */
  async begin(): Promise<void> {
    while (!this.#isOver && this.#bytes === 0) await this.#change();
  }

  /** The same body, read no faster than the lines are. */
  async *paced(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      while (!this.#isOver && this.#bytes > LIMITS.outcomeBytesHeldMax) await this.#change();
      yield chunk;
    }
  }
}
