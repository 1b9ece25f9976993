import { createReadStream, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "it may not be read",
  EISDIR: "it is a folder",
};

function unreadable(file: string, error: unknown): Fault {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new Fault("FileUnreadable", { file, reason: REASONS[code] ?? message }, { cause: error });
}

/** @throws Fault FileUnreadable */
export async function fileSize(file: string): Promise<number> {
  let facts: Stats;
  try {
    facts = await stat(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (!facts.isFile()) throw new Fault("FileUnreadable", { file, reason: "it is not a file" });
  return facts.size;
}

/** The text of a small file, without white space around it. @throws Fault FileUnreadable */
export async function readTextFile(file: string): Promise<string> {
  try {
    return textOf(await readFile(file));
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** UTF-16 where a byte order mark says so, as Windows PowerShell's Out-File writes it; UTF-8 otherwise. */
export function textOf(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString("hex");
  const encoding = mark === "fffe" ? "utf-16le" : mark === "feff" ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes).trim();
}

/** @throws Fault FileUnreadable, InvalidRequestContent */
export async function readJsonFile<Value>(file: string): Promise<Value> {
  const text = await readTextFile(file);
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    throw new Fault("InvalidRequestContent", { reason: `${file}: ${(error as Error).message}` }, { cause: error });
  }
}

/**
 * How much of a file is read at a time. Of larger chunks those that are on their way at a collection outlive it, and stay
 * until the next large one: with 1 MiB that was 40 MiB more in an import.
 */
const CHUNK_BYTES = 131_072;

/**
 * The bytes of a file, decompressed when its name ends in .gz; `read` hears how many bytes of the file were taken.
 * @throws Fault FileUnreadable, UsageBodyEncodingBroken
 */
export async function* readBytes(file: string, read: (bytes: number) => void): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  source.on("data", (chunk) => read(chunk.length));
  const compressed = file.endsWith(".gz");
  const stream = compressed ? source.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : source;
  if (compressed) source.on("error", (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!code.startsWith("Z_")) throw unreadable(file, error);
    throw new Fault("UsageBodyEncodingBroken", { encoding: "gzip", framesMax: LIMITS.compressedFramesMax });
  }
}
