import { LIMITS } from "../domain/limits.ts";
import type { UsageArchive } from "../domain/usage/archive.ts";
import { type Context, MACHINE } from "../operations/context.ts";
import { archiveUsage } from "../operations/usage/archive.ts";
import { startRounds } from "./rounds.ts";

/**
 * Archives by itself what may be archived, now and then, and takes up what was broken off.
 * @returns ends it, and waits for the month that is under way
 */
export const startArchiving = (
  context: Context,
  {
    archived,
    failed,
  }: { readonly archived: (archive: UsageArchive) => void; readonly failed: (error: unknown) => void },
): (() => Promise<void>) =>
  startRounds({
    pauseMs: LIMITS.archivePauseMs,
    isAtOnce: true,
    async round(stopped) {
      for (const archive of await archiveUsage(context, MACHINE, { asked: false, stopped })) archived(archive);
    },
    failed,
  });
