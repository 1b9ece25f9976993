import { LIMITS } from "../domain/limits.ts";
import { rollUp, type RollUpContext } from "../operations/usage/rollUp.ts";
import { startRounds } from "./rounds.ts";

/**
 * Rolls usage up in the background, now and then.
 * @returns ends it, and waits for what is under way
 */
export const startRollUps = (
  context: RollUpContext,
  logger: { error(what: object, words: string): void },
): (() => Promise<void>) =>
  startRounds({
    pauseMs: LIMITS.rollUpPauseMs,
    round: (stopped) => rollUp(context, stopped),
    failed: (error) => logger.error({ err: error }, "rolling usage up failed"),
  });
