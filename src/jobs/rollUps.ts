import { LIMITS } from "../domain/limits.ts";
import { rollUp, type RollUpContext } from "../operations/usage/rollUp.ts";

/**
 * Rolls usage up in the background, now and then.
 * @returns ends it, and waits for what is under way
 */
export function startRollUps(
  context: RollUpContext,
  logger: { error(what: object, words: string): void },
): () => Promise<void> {
  let closing = false;
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= rollUp(context, () => closing)
      .catch((error: unknown) => logger.error({ err: error }, "rolling usage up failed"))
      .finally(() => {
        running = undefined;
      });
  }, LIMITS.rollUpPauseMs).unref();
  return async () => {
    closing = true;
    clearInterval(timer);
    await running;
  };
}
