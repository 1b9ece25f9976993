import type { ExportTarget } from "../domain/exports.ts";
import type { Context } from "../operations/context.ts";
import { exportClosings } from "../operations/exports/closings.ts";

/** How often is looked for what was closed; a close is seldom, and nobody waits for its files. */
const PAUSE_MS = 60_000;

/**
 * Exports by itself what was closed and is not at the target yet. One round at a time; one that fails is tried again.
 * @returns ends it, and waits for what is under way
 */
export function startExporting(
  context: Context,
  target: ExportTarget,
  logger: { info(what: object, words: string): void; error(what: object, words: string): void },
): () => Promise<void> {
  const done = new Set<number>();
  let closing = false;
  let running: Promise<void> | undefined;
  const round = async (): Promise<void> => {
    for (const folder of await exportClosings(context, target, { done, stopped: () => closing })) {
      logger.info({ folder }, "closed documents were exported");
    }
  };
  const wake = (): void => {
    running ??= round()
      .catch((error: unknown) => logger.error({ err: error }, "exporting closed documents failed; it is tried again"))
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(wake, PAUSE_MS).unref();
  wake();
  return async () => {
    closing = true;
    clearInterval(timer);
    await running;
  };
}
