import type { FastifyRequest } from "fastify";
import { LIMITS } from "../domain/limits.ts";
import type { Context } from "../operations/context.ts";
import { credentialOf } from "./identify.ts";
import type { Budget } from "./throttle.ts";

/** An answer as it goes out, but for the headers that are made anew for each request. */
export interface SentAnswer {
  /** What the caller spends by being given it; undefined for whoever is not limited. */
  readonly budget: Budget | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Kept {
  readonly answer: SentAnswer;
  readonly credential: string;
  /** How long its caller's sign-in is good. */
  readonly untilMs: number;
}

/** Hashing a whole token would take longer than all else here; what is found is compared as a whole. */
const CREDENTIAL_TAIL_CHARS = 16;

/** Equal keys mean equal questions. A test makes sure that ARM's routes read no other headers. */
function keyOf(request: FastifyRequest, credential: string): string {
  const { host = "", "if-match": match = "", "if-none-match": noneMatch = "" } = request.headers;
  const { "accept-language": language = "" } = request.headers;
  return `${request.url}\n${credential.slice(-CREDENTIAL_TAIL_CHARS)}\n${host}\n${language}\n${match}\n${noneMatch}`;
}

/** Answers of one state of the world. */
export class Generation {
  readonly writes: number;
  readonly sinceMs: number;
  readonly #answers = new Map<string, Kept>();
  #chars = 0;

  constructor(writes: number, sinceMs: number) {
    this.writes = writes;
    this.sinceMs = sinceMs;
  }

  find(request: FastifyRequest, nowMs: number): SentAnswer | undefined {
    const credential = credentialOf(request);
    if (credential === undefined) return undefined;
    const kept = this.#answers.get(keyOf(request, credential));
    return kept !== undefined && kept.credential === credential && nowMs < kept.untilMs ? kept.answer : undefined;
  }

  /** Keeps an answer while there is room. */
  keep(request: FastifyRequest, answer: SentAnswer, untilMs: number): void {
    const credential = credentialOf(request);
    if (credential === undefined || this.#answers.size >= LIMITS.recentAnswersMax) return;
    const key = keyOf(request, credential);
    const chars = this.#chars + key.length + credential.length + answer.body.length;
    if (chars > LIMITS.recentAnswersCharsMax) return;
    this.#chars = chars;
    this.#answers.set(key, { answer, credential, untilMs });
  }
}

/**
 * Remembers answers to reads, for clients that ask the same again and again. All are forgotten at the next write to the
 * control store, whatever it was, and soon by themselves, for what an upstream service says may change without our
 * knowing.
 */
export class RecentAnswers {
  readonly #context: Pick<Context, "control" | "clock">;
  #generation = new Generation(-1, 0);

  constructor(context: Pick<Context, "control" | "clock">) {
    this.#context = context;
  }

  find(request: FastifyRequest): SentAnswer | undefined {
    const nowMs = this.#context.clock.now();
    return this.#at(nowMs).find(request, nowMs);
  }

  /**
   * To be called before an answer is made, and to keep it in: a write in the meantime ends the generation, and the answer
   * with it.
   */
  open(): Generation {
    return this.#at(this.#context.clock.now());
  }

  #at(nowMs: number): Generation {
    const writes = this.#context.control.writes();
    const { writes: before, sinceMs } = this.#generation;
    const isOver = writes !== before || nowMs - sinceMs >= LIMITS.recentAnswerMsMax || nowMs < sinceMs;
    if (isOver) this.#generation = new Generation(writes, nowMs);
    return this.#generation;
  }
}
