import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../domain/faults/fault.ts";
import { replaceFile, syncFolder } from "./durable.ts";

/** What is kept in a folder, and what it has to keep. */
export interface StateKind<State> {
  /** Before anything was read. */
  readonly start: State;
  /** Names of the files that have to be there. */
  readonly kept: (state: State) => readonly string[];
}

interface Versioned {
  readonly version: 1;
}

/**
 * What a bridge knows of one stamp or source, on disk: `state.json`, replaced as a whole, and the files that it names. A file
 * that it does not name is what a crash left of a reading, which will be made again.
 */
export class StateStore<State extends Versioned> {
  readonly folder: string;
  #state: State;
  #written: Promise<void> = Promise.resolve();

  private constructor(folder: string, state: State) {
    this.folder = folder;
    this.#state = state;
  }

  /** @throws Fault BridgeStateDamaged */
  static async open<State extends Versioned>(
    folder: string,
    { start, kept }: StateKind<State>,
  ): Promise<StateStore<State>> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const state = (await readState<State>(join(folder, "state.json"))) ?? start;
    const named = new Set(kept(state));
    for (const file of named) {
      if (existsSync(join(folder, file))) continue;
      throw new Fault("BridgeStateDamaged", {
        file: join(folder, file),
        reason: "it waits for the server and is gone",
      });
    }
    for (const file of await readdir(folder)) {
      if (file.endsWith(".part") || (file.endsWith(".gz") && !named.has(file))) await rm(join(folder, file));
    }
    await syncFolder(folder);
    return new StateStore(folder, state);
  }

  get state(): State {
    return this.#state;
  }

  fileOf(name: string): string {
    return join(this.folder, name);
  }

  /** Changes the state; durable when it returns. Changes follow one another in the order of the calls. */
  async update(change: (state: State) => State): Promise<void> {
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
export async function readState<State extends Versioned>(file: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw damaged(file, error);
  }
  try {
    const state = JSON.parse(text) as State;
    if (state.version !== 1) throw new Error("a later version of Stampbook wrote it");
    return state;
  } catch (error) {
    throw damaged(file, error);
  }
}

const damaged = (file: string, error: unknown): Fault =>
  new Fault("BridgeStateDamaged", { file, reason: (error as Error).message }, { cause: error });
