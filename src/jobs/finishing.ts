import { LIMITS } from "../domain/limits.ts";
import type { Context } from "../operations/context.ts";
import { finishLeft } from "../operations/usage/finish.ts";
import { startRounds } from "./rounds.ts";

/**
 * Finishes in the background, now and then, deliveries and decisions that could not be finished when they were made.
 * @returns ends it, and waits for what is under way
 */
export function startFinishing(
  context: Context,
  logger: { info(what: object, words: string): void; error(what: object, words: string): void },
): () => Promise<void> {
  const failed = (error: unknown): void =>
    logger.error({ err: error }, "a delivery or a decision on usage is not finished, and holds later usage back");
  return startRounds({
    pauseMs: LIMITS.finishPauseMs,
    async round() {
      const finished = await finishLeft(context, failed);
      if (finished > 0) logger.info({ finished }, "deliveries and decisions that had been left were finished");
    },
    failed,
  });
}
