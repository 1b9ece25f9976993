import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Fault } from "../domain/faults/fault.ts";

/** Where everything of one Stampbook lives. Nobody else may read it: it holds who uses what and who pays. */
const FOLDER_MODE = 0o700;

/** A data folder that this process owns until it closes it. */
export interface DataFolder {
  readonly path: string;
  readonly controlFile: string;
  readonly usageFolder: string;
  readonly spoolFolder: string;
  /** For files that are being exported. */
  readonly exportFolder: string;
  /** Where archives of usage are, unless a setting says otherwise. */
  readonly archiveFolder: string;
  /** Written by a server that listens, so that commands on the same folder find it. */
  readonly serverFile: string;
  release(): void;
}

const holderFile = (path: string): string => join(path, "holder");
export const serverFileOf = (path: string): string => join(resolve(path), "server.json");

/**
 * Takes a data folder for this process alone. The lock is a transaction on a SQLite file: the operating system gives
 * it up when the process ends, however it ends.
 * @throws Fault DataFolderInUse, DataFolderUnusable
 */
export function takeDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  const lock = lockFolder(path);
  return {
    path,
    controlFile: join(path, "control.sqlite"),
    usageFolder: join(path, "usage"),
    spoolFolder: join(path, "spool"),
    exportFolder: join(path, "exports"),
    archiveFolder: join(path, "archive"),
    serverFile: serverFileOf(path),
    release() {
      rmSync(holderFile(path), { force: true });
      rmSync(serverFileOf(path), { force: true });
      lock.close();
    },
  };
}

/** One level at a time: Node's own recursive way never returns under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: FOLDER_MODE });
}

function lockFolder(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    makeFolder(path);
    lock = new DatabaseSync(join(path, "lock.sqlite"));
    lock.exec("pragma locking_mode = exclusive; pragma journal_mode = off; begin exclusive;");
    writeFileSync(holderFile(path), `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock?.close();
    const reason = (error as Error).message;
    if (/locked|busy/.test(reason)) throw new Fault("DataFolderInUse", { folder: path, holder: holderOf(path) });
    throw new Fault("DataFolderUnusable", { folder: path, reason }, { cause: error });
  }
}

function holderOf(path: string): string {
  try {
    return readFileSync(holderFile(path), "utf8").trim();
  } catch {
    return "unknown";
  }
}
