import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Fault } from "../domain/faults/fault.ts";
import type { ArchiveFolder, UsageArchive } from "../domain/usage/archive.ts";
import { fileSum } from "./fileSum.ts";

/** What a file name keeps of the checksum: enough that another content has another name. */
const NAME_DIGITS = 16;

/** Archives are as private as the rest of the data folder. */
const FOLDER_MODE = 0o700;

async function fsync(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const isOf = (month: string, name: string): boolean => name.startsWith(`usage-${month}-`) && name.endsWith(".parquet");

/** The archives' folder. It is made when the first archive is. */
export function archiveFolder(folder: string): ArchiveFolder {
  const path = resolve(folder);
  const unusable = (error: unknown): Fault =>
    new Fault("ArchiveFolderUnusable", { reason: `${(error as NodeJS.ErrnoException).code}` }, { cause: error });
  return {
    path,
    async temporary(month) {
      const file = join(path, `usage-${month}.parquet.part`);
      try {
        await mkdir(path, { recursive: true, mode: FOLDER_MODE });
        await rm(file, { force: true });
      } catch (error) {
        throw unusable(error);
      }
      return file;
    },
    async keep(month, temporary) {
      try {
        await fsync(temporary);
        const { bytes, sha256 } = await fileSum(temporary);
        const file = `usage-${month}-${sha256.slice(0, NAME_DIGITS)}.parquet`;
        await rename(temporary, join(path, file));
        await fsync(path);
        return { file, bytes, sha256 };
      } catch (error) {
        throw unusable(error);
      }
    },
    async removeOthers(month, file) {
      for (const name of await readdir(path)) {
        if (name !== file && isOf(month, name)) await rm(join(path, name), { force: true });
      }
    },
    checked: (archive) => checked(path, archive),
  };
}

async function checked(
  folder: string,
  { month, file, bytes, sha256 }: Pick<UsageArchive, "month" | "file" | "bytes" | "sha256">,
): Promise<string> {
  const path = join(folder, file);
  const damaged = (reason: string, cause?: unknown): Fault =>
    new Fault("ArchiveDamaged", { month, file, reason }, { cause });
  let found: Awaited<ReturnType<typeof fileSum>>;
  try {
    found = await fileSum(path);
  } catch (error) {
    throw damaged(`it cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  if (found.bytes !== bytes) throw damaged(`it has ${found.bytes} bytes and had ${bytes}`);
  if (found.sha256 !== sha256) throw damaged("its checksum is another one");
  return path;
}
