/** Runs tasks that share a key one after another, in the order they came; other keys do not wait. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, settled);
    try {
      return await mine;
    } finally {
      // Without this the map would keep one entry for every key ever used.
      if (this.#tails.get(key) === settled) this.#tails.delete(key);
    }
  }
}
