import { open, rm } from "node:fs/promises";
import { join } from "node:path";

/** As much as a small batch needs, so that it is found full before it refuses a single byte. */
const PROBE = Buffer.alloc(1_048_576);

/** Whether a folder takes a file: the reason why not, or undefined. */
export async function probeFolder(folder: string): Promise<string | undefined> {
  const path = join(folder, "probe");
  try {
    const file = await open(path, "w");
    try {
      await file.writeFile(PROBE);
      await file.datasync();
    } finally {
      await file.close();
    }
    return undefined;
  } catch (error) {
    // Without the path: whoever may ask for it may not know where the data are.
    const { code } = error as NodeJS.ErrnoException;
    return REASONS[code ?? ""] ?? `it cannot be written (${code})`;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on its disk (ENOSPC)",
  EDQUOT: "the disk quota is used up (EDQUOT)",
  EROFS: "it is on a read-only file system (EROFS)",
};
