import { copyFile, mkdir, open, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ExportTarget } from "../domain/exports.ts";
import { faultPoint } from "../lib/faultPoint.ts";

async function fsync(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder, on any disk. A file has its name only once it is whole. */
export const folderTarget = (folder: string): ExportTarget => ({
  async has(name) {
    try {
      return (await stat(join(folder, name))).isFile();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  },
  async put(name, { path }) {
    const file = join(folder, name);
    const part = `${file}.part`;
    await mkdir(dirname(file), { recursive: true });
    await copyFile(path, part);
    await fsync(part);
    faultPoint("export: file copied");
    await rename(part, file);
    await fsync(dirname(file));
  },
});
