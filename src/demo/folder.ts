import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Fault } from "../domain/faults/fault.ts";
import { takeDataFolder } from "../storage/dataFolder.ts";

const MARK = "this-is-a-demo";

/**
 * An empty folder for the demo. Only a folder that an earlier demo made is emptied; nobody loses real data by it.
 * @throws Fault DataFolderUnusable, DataFolderInUse
 */
export function prepareDemoFolder(folder: string): string {
  const path = resolve(folder);
  if (existsSync(path) && readdirSync(path).length > 0) {
    if (!existsSync(join(path, MARK))) {
      const reason = "it is not empty and no earlier demo made it, so the demo leaves it alone";
      throw new Fault("DataFolderUnusable", { folder: path, reason });
    }
    takeDataFolder(path).release();
    rmSync(path, { recursive: true });
  }
  // Taking it makes it, and says so if it cannot be made.
  takeDataFolder(path).release();
  writeFileSync(join(path, MARK), "The demo of Stampbook empties this folder each time it runs.\n");
  return path;
}
