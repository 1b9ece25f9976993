/** Lets a number of tasks run at once, and turns the others away instead of letting them queue up. */
export class Gate {
  readonly #runningMax: number;
  #running = 0;

  constructor(runningMax: number) {
    this.#runningMax = runningMax;
  }

  /** Undefined when there are too many already; the task does not run then. */
  async run<Result>(task: () => Promise<Result>): Promise<{ readonly result: Result } | undefined> {
    if (this.#running >= this.#runningMax) return undefined;
    this.#running += 1;
    try {
      return { result: await task() };
    } finally {
      this.#running -= 1;
    }
  }
}
