import { randomUUID } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ExportSpool } from "../domain/exports.ts";
import { fileSum } from "./fileSum.ts";

/** What is exported is as private as the rest of the data folder. */
export const FOLDER_MODE = 0o700;

/** The folder of files that are being exported; what a process that was killed left in it is removed. */
export function exportSpool(folder: string): ExportSpool {
  rmSync(folder, { recursive: true, force: true });
  return {
    async newPath() {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      return join(folder, randomUUID());
    },
    write: (path, bytes) =>
      pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(path, { flags: "wx" })),
    finished: async (path) => ({ path, ...(await fileSum(path)) }),
    async take(path) {
      const file = await open(path, "r");
      await rm(path);
      return file.createReadStream();
    },
    remove: (path) => rm(path, { force: true }),
    count: async () => (await readdir(folder).catch(() => [])).length,
  };
}
