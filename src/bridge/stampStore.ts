import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { keptReadings, type StampState, startState } from "../domain/bridge/stampState.ts";
import { Fault } from "../domain/faults/fault.ts";
import type { InstantMs } from "../lib/instant.ts";
import { replaceFile, syncFolder } from "./durable.ts";

/**
 * What a bridge knows of one stamp, on disk: `state.json`, replaced as a whole, and the files that it names. A file
 * that it does not name is what a crash left of a reading, which will be made again.
 */
export class StampStore {
  readonly folder: string;
  #state: StampState;
  #written: Promise<void> = Promise.resolve();

  private constructor(folder: string, state: StampState) {
    this.folder = folder;
    this.#state = state;
  }

  /** @throws Fault BridgeStateDamaged */
  static async open(folder: string, startAtMs: InstantMs): Promise<StampStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const state = (await readState(join(folder, "state.json"))) ?? startState(startAtMs);
    const named = new Set(keptReadings(state).map(({ file }) => file));
    for (const file of named) {
      if (existsSync(join(folder, file))) continue;
      throw new Fault("BridgeStateDamaged", {
        file: join(folder, file),
        reason: "it waits for the server and is gone",
      });
    }
    for (const file of await readdir(folder)) {
      if (file.endsWith(".part") || (file.endsWith(".ndjson.gz") && !named.has(file))) await rm(join(folder, file));
    }
    await syncFolder(folder);
    return new StampStore(folder, state);
  }

  get state(): StampState {
    return this.#state;
  }

  fileOf(name: string): string {
    return join(this.folder, name);
  }

  /** Changes the state; durable when it returns. Changes follow one another in the order of the calls. */
  async update(change: (state: StampState) => StampState): Promise<void> {
    this.#state = change(this.#state);
    const mine = this.#written.then(() => this.#write());
    // What failed is tried again with the next change: the state as a whole is written each time.
    this.#written = mine.catch(() => undefined);
    await mine;
  }

  async #write(): Promise<void> {
    await replaceFile(join(this.folder, "state.json"), `${JSON.stringify(this.#state)}\n`);
  }

  /** Removes files that the state does not name any more. */
  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true });
  }
}

/** Undefined where there is none yet. @throws Fault BridgeStateDamaged */
export async function readState(file: string): Promise<StampState | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw damaged(file, error);
  }
  try {
    const state = JSON.parse(text) as StampState;
    if (state.version !== 1) throw new Error("a later version of Stampbook wrote it");
    return state;
  } catch (error) {
    throw damaged(file, error);
  }
}

const damaged = (file: string, error: unknown): Fault =>
  new Fault("BridgeStateDamaged", { file, reason: (error as Error).message }, { cause: error });
