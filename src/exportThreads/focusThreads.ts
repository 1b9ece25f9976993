import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { EXEC_ARGV } from "../lib/execArgv.ts";
import type { FocusGroup, GroupOfDocuments } from "../operations/exports/focusGroup.ts";
import type { FocusThreads } from "../operations/exports/focusParquet.ts";
import type { ThreadAnswer, ThreadData } from "./focusThread.ts";

/** Each takes up to 100 MiB while it works, however much is exported. */
const THREADS_MAX = 4;
const IDLE_MS = 30_000;

const FILE = join(import.meta.dirname, "focusThread.ts");

const CLOSED = "the server is closing";

/** A group that somebody waits for. */
interface Question {
  readonly group: GroupOfDocuments;
  readonly resolve: (made: FocusGroup) => void;
  readonly reject: (why: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it makes; undefined while it has nothing to do. */
  question: Question | undefined;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Threads that make groups of rows of FOCUS, each one at a time. None is started before there is work, and none is kept for
 * long after it. One that does not start or ends by itself fails the group that it was given, and no other.
 * @param file what a thread runs
 */
export const openFocusThreads = (data: ThreadData, file = FILE): FocusThreads => new Threads(data, file);

class Threads implements FocusThreads {
  readonly count = Math.min(availableParallelism(), THREADS_MAX);
  readonly #data: ThreadData;
  readonly #file: string;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Question[] = [];
  #isClosed = false;

  constructor(data: ThreadData, file: string) {
    this.#data = data;
    this.#file = file;
  }

  make(group: GroupOfDocuments): Promise<FocusGroup> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new Error(CLOSED);
      this.#waiting.push({ group, resolve, reject });
      this.#giveOut();
    });
  }

  /** Gives groups that wait to threads that have nothing to do, and to new ones. */
  #giveOut(): void {
    while (this.#waiting.length > 0) {
      const free = [...this.#threads].find(({ question }) => question === undefined);
      if (free === undefined && this.#threads.size === this.count) return;
      this.#ask(free ?? this.#start(), this.#waiting.shift()!);
    }
  }

  #ask(thread: Thread, question: Question): void {
    clearTimeout(thread.idle);
    thread.question = question;
    thread.worker.ref();
    thread.worker.postMessage(question.group, []);
  }

  #start(): Thread {
    const worker = new Worker(this.#file, { workerData: this.#data, execArgv: EXEC_ARGV });
    const thread: Thread = { worker, question: undefined, idle: undefined };
    this.#threads.add(thread);
    worker.on("message", (answer: ThreadAnswer) => this.#answered(thread, answer));
    worker.on("messageerror", (error) => this.#answered(thread, { error }));
    worker.on("error", (error) => this.#ended(thread, error));
    worker.on("exit", (status) => this.#ended(thread, new Error(`a thread ended with status ${status}`)));
    return thread;
  }

  #answered(thread: Thread, answer: ThreadAnswer): void {
    const { question } = thread;
    thread.question = undefined;
    if ("made" in answer) question?.resolve(answer.made);
    else question?.reject(answer.error);
    thread.worker.unref();
    thread.idle = setTimeout(() => this.#dismiss(thread), IDLE_MS).unref();
    this.#giveOut();
  }

  #dismiss(thread: Thread): void {
    this.#threads.delete(thread);
    void thread.worker.terminate();
  }

  #ended(thread: Thread, why: Error): void {
    clearTimeout(thread.idle);
    this.#threads.delete(thread);
    thread.question?.reject(why);
    thread.question = undefined;
    this.#giveOut();
  }

  /** Nothing is made after it; whoever waits for a group is told. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(CLOSED));
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }
}
