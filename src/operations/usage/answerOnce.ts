import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Fault } from "../../domain/faults/fault.ts";
import type { RegistrationId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { KeptAnswer } from "../../domain/usage/idempotency.ts";
import type { Caller, Context } from "../context.ts";

export interface OnceRequest {
  readonly key: string;
  readonly registration: RegistrationId;
  /** All that decides what the body means and how it is answered, but the body. */
  readonly meaning: string;
  readonly body: AsyncIterable<Buffer>;
}

/** A body whose bytes are digested as they are read, also those that its reader leaves. */
class DigestedBody implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterator<Buffer>;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #isOver = false;
  #isBroken = false;

  constructor(body: AsyncIterable<Buffer>, meaning: string) {
    this.#source = body[Symbol.asyncIterator]();
    this.#hash.update(`${meaning}\n`);
  }

  /** A reader that stops early leaves the rest to `fingerprint`. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<Buffer>> {
    const next = await this.#source.next().catch((error: unknown) => {
      this.#isBroken = true;
      throw error;
    });
    if (next.done === true) this.#isOver = true;
    else {
      this.#bytes += next.value.length;
      this.#hash.update(next.value);
    }
    return next;
  }

  /**
   * Reads what is left. Undefined when the body cannot be read to its end, so that nobody can tell whether another one is
   * the same.
   */
  async fingerprint(): Promise<string | undefined> {
    try {
      while (!this.#isOver && !this.#isBroken && this.#bytes <= LIMITS.intakeBodyBytesMax) await this.#next();
    } catch {
      return undefined;
    }
    return this.#isOver && this.#bytes <= LIMITS.intakeBodyBytesMax ? this.#hash.copy().digest("hex") : undefined;
  }

  /** Gives the body up, also when it was not read to its end. */
  async close(): Promise<void> {
    if (!this.#isOver && !this.#isBroken) await this.#source.return?.();
  }
}

/** A request that holds its key until its answer is kept, or will not be. */
export interface Claim {
  readonly body: AsyncIterable<Buffer>;
  /** Reads what is left of the body. Only where it could be read to its end, an answer can be kept. */
  mayKeep(): Promise<boolean>;
  /** Durable when it returns. */
  keep(answer: KeptAnswer): Promise<void>;
  release(): Promise<void>;
}

/**
 * Looks whether a request was answered before. Outcomes in their order: still running; the key used for another
 * registration; the answer of before; the key used for another body; not answered yet.
 * @throws Fault IdempotentRequestRunning, IdempotencyKeyReused
 */
export async function answerOrClaim(
  context: Context,
  caller: Caller,
  { key, registration, meaning, body }: OnceRequest,
): Promise<KeptAnswer | Claim> {
  const { control, clock, answering } = context;
  const name = `${registration} ${key}`;
  if (answering.has(name)) throw new Fault("IdempotentRequestRunning", { key });
  answering.add(name);
  const digested = new DigestedBody(body, meaning);
  const release = async (): Promise<void> => {
    answering.delete(name);
    await digested.close();
  };
  try {
    const sinceMs = clock.now() - LIMITS.idempotentAnswerMsMax;
    const used = await control.idempotentAnswers.registrationsOf(caller.objectId, key, sinceMs);
    if (used.some((other) => other !== registration)) throw new Fault("IdempotencyKeyReused", { key });
    const kept = await control.idempotentAnswers.find(registration, key);
    if (kept !== undefined && kept.createdAtMs >= sinceMs) {
      if ((await digested.fingerprint()) !== kept.fingerprint) throw new Fault("IdempotencyKeyReused", { key });
      await release();
      return kept.answer;
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    body: digested,
    release,
    mayKeep: async () => (await digested.fingerprint()) !== undefined,
    keep: async (answer) => {
      const fingerprint = await digested.fingerprint();
      assert(fingerprint !== undefined, "an answer is kept to a body that was not read");
      const createdAtMs = clock.now();
      const bounds = {
        sinceMs: createdAtMs - LIMITS.idempotentAnswerMsMax,
        perRegistrationMax: LIMITS.idempotentAnswersMax,
      };
      await control.transaction(({ idempotentAnswers }) =>
        idempotentAnswers.put({ registration, key, caller: caller.objectId, fingerprint, createdAtMs, answer }, bounds),
      );
    },
  };
}
