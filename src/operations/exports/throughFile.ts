import { randomUUID } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../context.ts";

const FOLDER_MODE = 0o700;

/**
 * A file that has to be written as a whole before its first byte can be sent. It is gone from the folder before it is read:
 * whoever stops reading leaves nothing behind.
 */
export async function throughFile(
  { exportFolder }: Pick<Context, "exportFolder">,
  write: (path: string) => Promise<void>,
): Promise<AsyncIterable<Buffer>> {
  await mkdir(exportFolder, { recursive: true, mode: FOLDER_MODE });
  const path = join(exportFolder, randomUUID());
  try {
    await write(path);
    return (await open(path, "r")).createReadStream();
  } finally {
    await rm(path, { force: true });
  }
}
