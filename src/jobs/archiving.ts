import { LIMITS } from "../domain/limits.ts";
import type { UsageArchive } from "../domain/usage/archive.ts";
import { type Context, MACHINE } from "../operations/context.ts";
import { archiveUsage } from "../operations/usage/archive.ts";

export interface Archiving {
  /** Waits for the month that is under way. */
  close(): Promise<void>;
}

/** Archives by itself what may be archived, now and then, and takes up what was broken off. One round at a time. */
export function startArchiving(
  context: Context,
  {
    archived,
    failed,
  }: { readonly archived: (archive: UsageArchive) => void; readonly failed: (error: unknown) => void },
): Archiving {
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  const round = async (): Promise<void> => {
    const stopped = (): boolean => closing.signal.aborted;
    for (const archive of await archiveUsage(context, MACHINE, { asked: false, stopped })) archived(archive);
  };
  const wake = (): void => {
    running ??= round()
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(wake, LIMITS.archivePauseMs).unref();
  wake();
  return {
    async close() {
      closing.abort();
      clearInterval(timer);
      await running;
    },
  };
}
