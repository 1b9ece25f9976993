import { setTimeout as sleep } from "node:timers/promises";
import { Client, Refused } from "../../src/client/client.ts";
import { Unreachable } from "../../src/client/transport.ts";
import { type ServerOptions, type ServerProcess, startServer } from "../support/cli.ts";

/** How often a server may die before it listens: at most one stop of a plan lies there. */
const STARTS_MAX = 5;

/** Whoever uses a Stampbook that dies now and then: starts it again and asks again until there is an answer. */
export class StubbornCaller {
  readonly #dataFolder: string;
  readonly #options: ServerOptions;
  #server: ServerProcess | undefined;
  #starting: Promise<ServerProcess> | undefined;
  cutOff = 0;
  starts = 0;

  constructor(dataFolder: string, options: ServerOptions = {}) {
    this.#dataFolder = dataFolder;
    this.#options = options;
  }

  /** The server that runs; started where none does. */
  async server(): Promise<ServerProcess> {
    if (this.#server?.hasEnded() === false) return this.#server;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    this.#server = await this.#starting;
    return this.#server;
  }

  async #start(): Promise<ServerProcess> {
    for (let left = STARTS_MAX; ; left -= 1) {
      this.starts += 1;
      try {
        return await startServer(this.#dataFolder, this.#options);
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  /** Asks until it is answered; a refusal that says that it may be asked again is none. */
  async until<Answer>(ask: (client: Client) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const { socketPath } = await this.server();
      try {
        return await ask(new Client({ socketPath }));
      } catch (error) {
        const isExpected =
          error instanceof Unreachable || (error instanceof Refused && error.code === "UsageEngineUnavailable");
        if (!isExpected) throw error;
        this.cutOff += 1;
        await sleep(50);
      }
    }
  }

  async close(): Promise<number | null> {
    return this.#server === undefined ? null : await this.#server.kill("SIGTERM");
  }
}
