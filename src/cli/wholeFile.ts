import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** What was written to a file. */
export interface Written {
  readonly bytes: number;
  /** As CSV counts them: a quoted cell may hold line ends. */
  readonly lines: number;
  readonly sha256: string;
}

const [NEWLINE, QUOTE] = [10, 34];

class LineCount {
  lines = 0;
  #quoted = false;

  add(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte === QUOTE) this.#quoted = !this.#quoted;
      else if (byte === NEWLINE && !this.#quoted) this.lines += 1;
    }
  }
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
  const count = new LineCount();
  let bytes = 0;
  const target = await open(part, "w");
  try {
    await write(async (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
      count.add(chunk);
      await target.writeFile(chunk);
    });
    await target.sync();
  } catch (error) {
    await target.close();
    await rm(part, { force: true });
    throw error;
  }
  await target.close();
  const written = { bytes, lines: count.lines, sha256: hash.digest("hex") };
  await before(written);
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
