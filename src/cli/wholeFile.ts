import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { faultPoint } from "../lib/faultPoint.ts";

/** What was written to a file. */
export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a file so that one of this name is always a whole one: to another name first, then durably, and then it gets its
 * name. Where writing fails nothing is left.
 * @param before runs when everything is written, and before the file has its name
 */
export async function writeWhole(
  file: string,
  write: (onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>,
  before: (written: Written) => Promise<void> = async () => undefined,
): Promise<Written> {
  const part = `${file}.part`;
  const hash = createHash("sha256");
  let bytes = 0;
  const target = await open(part, "w");
  try {
    await write(async (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
      await target.writeFile(chunk);
    });
    await target.sync();
  } catch (error) {
    await target.close();
    await rm(part, { force: true });
    throw error;
  }
  await target.close();
  const written = { bytes, sha256: hash.digest("hex") };
  faultPoint("file: bytes written");
  await before(written);
  faultPoint("file: manifest written");
  await rename(part, file);
  await syncFolder(dirname(file));
  return written;
}

/** The new name is durable too; some systems cannot say so of a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
