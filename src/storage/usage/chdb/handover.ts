import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { faultPoint } from "../../../lib/faultPoint.ts";
import { quoted } from "../tsv.ts";

/**
 * Rows reach the embedded engine through files: measured, the fastest way in (docs/internals/usage-store.md). A file
 * is no part of what is durable: the engine has its own copy before anybody is told that a record was accepted.
 */
export class Handover {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const left of readdirSync(folder)) rmSync(join(folder, left));
  }

  /**
   * Runs `use` with a table function over the lines and removes the file afterwards.
   * @param structure column names and types, for example "k String"
   */
  async over<Result>(
    lines: string | Iterable<string>,
    structure: string,
    use: (table: string) => Promise<Result>,
  ): Promise<Result> {
    const file = join(this.#folder, `${randomUUID()}.tsv`);
    try {
      await writeFile(file, lines);
      faultPoint("usage: rows handed over");
      return await use(`file(${quoted(file)}, 'TSV', ${quoted(structure)})`);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Whether a statement reads a file of this folder. */
  isIn(sql: string): boolean {
    return sql.includes(`file(${quoted(`${this.#folder}/`).slice(0, -1)}`);
  }
}
