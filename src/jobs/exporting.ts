import type { ExportTarget } from "../domain/exports.ts";
import type { Context } from "../operations/context.ts";
import { exportClosings } from "../operations/exports/closings.ts";
import { startRounds } from "./rounds.ts";

/** How often is looked for what was closed; a close is seldom, and nobody waits for its files. */
const PAUSE_MS = 60_000;

/**
 * Exports by itself what was closed and is not at the target yet.
 * @returns ends it, and waits for what is under way
 */
export function startExporting(
  context: Context,
  target: ExportTarget,
  logger: { info(what: object, words: string): void; error(what: object, words: string): void },
): () => Promise<void> {
  const done = new Set<number>();
  return startRounds({
    pauseMs: PAUSE_MS,
    isAtOnce: true,
    async round(stopped) {
      for (const folder of await exportClosings(context, target, { done, stopped })) {
        logger.info({ folder }, "closed documents were exported");
      }
    },
    failed: (error) => logger.error({ err: error }, "exporting closed documents failed; it is tried again"),
  });
}
