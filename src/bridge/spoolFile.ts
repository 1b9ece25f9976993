import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { RowsDigest } from "../domain/bridge/rowsDigest.ts";
import { digest } from "../lib/digest.ts";
import { syncFolder } from "./durable.ts";

const compress = promisify(gzip);
const FAST = { level: 1 } as const;

/** There is no room for the rest of a window. */
export class SpoolFull extends Error {}

export interface WrittenRows {
  readonly bytes: number;
  readonly rows: number;
  readonly digest: string;
}

/** Rows of a window on their way to disk: a line each, every page a gzip member of its own. */
export class SpoolFile {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #part: string;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #digest = new RowsDigest();

  private constructor(folder: string, bytesMax: number) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
    this.#part = join(folder, "reading.part");
  }

  static async open(folder: string, bytesMax: number): Promise<SpoolFile> {
    const file = new SpoolFile(folder, bytesMax);
    await file.restart();
    return file;
  }

  /** Forgets what was written. */
  async restart(): Promise<void> {
    await this.#handle?.close();
    this.#handle = await open(this.#part, "w", 0o600);
    this.#bytes = 0;
    this.#digest = new RowsDigest();
  }

  /** @throws SpoolFull */
  async write(rows: readonly string[]): Promise<void> {
    if (rows.length === 0) return;
    const packed = await compress(`${rows.join("\n")}\n`, FAST);
    if (this.#bytes + packed.length > this.#bytesMax) throw new SpoolFull();
    await this.#handle!.writeFile(packed);
    this.#bytes += packed.length;
    for (const row of rows) this.#digest.add(digest(row, 128));
  }

  get written(): WrittenRows {
    return { bytes: this.#bytes, rows: this.#digest.rows, digest: this.#digest.text };
  }

  /** Gives the file its name; durable when it returns. */
  async keep(name: string): Promise<void> {
    await this.#handle!.sync();
    await this.#handle!.close();
    this.#handle = undefined;
    await rename(this.#part, join(this.#folder, name));
    await syncFolder(this.#folder);
  }

  async abandon(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    await rm(this.#part, { force: true });
  }
}
