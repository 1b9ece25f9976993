import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { syncFolder } from "./durable.ts";
import { SpoolFull } from "./spoolFile.ts";

export interface WrittenPiece {
  readonly file: string;
  /** On disk. */
  readonly bytes: number;
  /** Before compression. */
  readonly length: number;
  readonly digest: string;
}

/**
 * Writes a piece as it comes into the spool, compressed; durable when it returns.
 * @throws SpoolFull, and what reading the source throws; nothing is left then
 */
export async function writePiece(
  folder: string,
  number: number,
  source: AsyncIterable<Buffer>,
  bytesMax: number,
): Promise<WrittenPiece> {
  const file = `${String(number).padStart(8, "0")}.usage.gz`;
  const part = join(folder, `${file}.part`);
  const hash = createHash("sha256");
  let [bytes, length] = [0, 0];
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      length += chunk.length;
      yield chunk;
    }
  }
  let handle: FileHandle | undefined = await open(part, "w", 0o600);
  try {
    const from = Readable.from(hashed());
    const packed = from.pipe(createGzip({ level: 1 }));
    from.once("error", (error) => packed.destroy(error));
    for await (const chunk of packed as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new SpoolFull();
      await handle.writeFile(chunk);
    }
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(part, join(folder, file));
  } catch (error) {
    await handle?.close();
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(folder);
  return { file, bytes, length, digest: hash.digest("hex") };
}
