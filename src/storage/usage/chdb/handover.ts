import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../../domain/faults/fault.ts";
import { faultPoint } from "../../../lib/faultPoint.ts";
import type { ParquetRows } from "../engine.ts";
import { quoted } from "../tsv.ts";

/** How the names of links to archives begin. */
const ARCHIVE = "archive-";

/** A full or read-only disk is no defect: the call can be made again. */
function cannotWrite(cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  throw new Fault("UsageEngineUnavailable", { reason: `rows for it cannot be written (${code})` }, { cause });
}

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
      await writeFile(file, lines).catch(cannotWrite);
      faultPoint("usage: rows handed over");
      return await use(`file(${quoted(file)}, 'TSV', ${quoted(structure)})`);
    } finally {
      await rm(file, { force: true });
    }
  }

  /**
   * Runs `use` with a table expression over Parquet files elsewhere. They are linked here meanwhile, so that what a
   * statement reads is told by where it reads.
   */
  async overParquet<Result>(
    { paths, structure, condition }: ParquetRows,
    use: (table: string) => Promise<Result>,
  ): Promise<Result> {
    const links = paths.map(() => join(this.#folder, `${ARCHIVE}${randomUUID()}.parquet`));
    try {
      for (const [i, link] of links.entries()) await symlink(paths[i]!, link);
      const tables = links.map((link) => {
        return `select * from file(${quoted(link)}, 'Parquet', ${quoted(structure)}) where ${condition}`;
      });
      return await use(`(${tables.join(" union all ")})`);
    } finally {
      for (const link of links) await rm(link, { force: true });
    }
  }

  /** What of this folder a statement reads. */
  readBy(sql: string): "archive" | "handover" | undefined {
    const inHere = `file(${quoted(`${this.#folder}/`).slice(0, -1)}`;
    if (sql.includes(`${inHere}${ARCHIVE}`)) return "archive";
    return sql.includes(inHere) ? "handover" : undefined;
  }
}
