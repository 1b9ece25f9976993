import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Nobody else may read it: it holds who uses what and who pays. */
const FOLDER_MODE = 0o700;

const holderFile = (path: string): string => join(path, "holder");

/** A folder that this process has for itself. */
export interface FolderLock {
  release(): void;
}

/** Another process has the folder. */
export class FolderHeld extends Error {
  /** Its process id, as far as it is known. */
  readonly holder: string;

  constructor(path: string) {
    super(`'${path}' is in use`);
    this.holder = holderOf(path);
  }
}

/**
 * Takes a folder for this process alone and makes it where there is none. The lock is a transaction on a SQLite file:
 * the operating system gives it up when the process ends, however it ends.
 * @throws FolderHeld; Error where the folder cannot be used
 */
export function lockFolder(path: string): FolderLock {
  let lock: DatabaseSync | undefined;
  try {
    makeFolder(path);
    lock = new DatabaseSync(join(path, "lock.sqlite"));
    lock.exec("pragma locking_mode = exclusive; pragma journal_mode = off; begin exclusive;");
    writeFileSync(holderFile(path), `${process.pid}\n`);
  } catch (error) {
    lock?.close();
    if (/locked|busy/.test((error as Error).message)) throw new FolderHeld(path);
    throw error;
  }
  const held = lock;
  return {
    release() {
      rmSync(holderFile(path), { force: true });
      held.close();
    },
  };
}

/** One level at a time: Node's own recursive way never returns under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: FOLDER_MODE });
}

function holderOf(path: string): string {
  try {
    return readFileSync(holderFile(path), "utf8").trim();
  } catch {
    return "unknown";
  }
}
