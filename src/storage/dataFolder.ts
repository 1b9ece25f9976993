import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Fault } from "../domain/faults/fault.ts";
import { FolderHeld, type FolderLock, lockFolder } from "./folderLock.ts";

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

export const serverFileOf = (path: string): string => join(resolve(path), "server.json");

/**
 * Takes a data folder for this process alone.
 * @throws Fault DataFolderInUse, DataFolderUnusable
 */
export function takeDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  const held = lock(path);
  return {
    path,
    controlFile: join(path, "control.sqlite"),
    usageFolder: join(path, "usage"),
    spoolFolder: join(path, "spool"),
    exportFolder: join(path, "exports"),
    archiveFolder: join(path, "archive"),
    serverFile: serverFileOf(path),
    release() {
      rmSync(serverFileOf(path), { force: true });
      held.release();
    },
  };
}

function lock(path: string): FolderLock {
  try {
    return lockFolder(path);
  } catch (error) {
    if (error instanceof FolderHeld) throw new Fault("DataFolderInUse", { folder: path, holder: error.holder });
    throw new Fault("DataFolderUnusable", { folder: path, reason: (error as Error).message }, { cause: error });
  }
}
