import { createReadStream } from "node:fs";
import { join } from "node:path";
import { type Client, Refused } from "../client/client.ts";
import type { IntakeInfo } from "../client/types.ts";
import {
  afterPiece,
  bytesOfPieces,
  keptPieces,
  type SourceState,
  type SpooledPiece,
  startSourceState,
} from "../domain/bridge/sourceState.ts";
import { type SpoolRoom, spoolRoom } from "../domain/bridge/spoolRoom.ts";
import { formatInstant, HOUR_MS, MINUTE_MS, SECOND_MS } from "../lib/instant.ts";
import type { BridgeEvents } from "./events.ts";
import { waitFully } from "./readWindow.ts";
import type { SourceSettings } from "./sourceSettings.ts";
import { SpoolFull } from "./spoolFile.ts";
import { StateStore } from "./stateStore.ts";
import { type Run, Steps, type Stuck } from "./steps.ts";
import type { Surroundings } from "./surroundings.ts";
import { Trouble } from "./trouble.ts";

export type SourceStore = StateStore<SourceState>;

/** @throws Fault BridgeStateDamaged */
export const openSourceStore = (folder: string): Promise<SourceStore> =>
  StateStore.open(folder, { start: startSourceState, kept: (state) => keptPieces(state).map(({ file }) => file) });

export interface SourceParts {
  readonly settings: SourceSettings;
  readonly store: SourceStore;
  readonly client: Client;
  readonly surroundings: Surroundings;
  readonly events: BridgeEvents;
}

/**
 * Takes the next thing that a source has into the spool, as one step: after a crash it was taken whole or not at all.
 * @returns whether there was one
 * @throws Trouble, SpoolFull
 */
export type TakeNext = (bytesMax: number) => Promise<boolean>;

/** Collects from one folder or HTTP source and delivers what it has, as it is. */
export class SourceRunner {
  readonly #parts: SourceParts;
  readonly #take: TakeNext;
  readonly #steps: Steps;
  #room: SpoolRoom = "free";

  constructor(parts: SourceParts, take: TakeNext) {
    const { settings, surroundings, events } = parts;
    this.#parts = parts;
    this.#take = take;
    const retry = { delayMsMin: settings.retryDelayMsMin, delayMsMax: settings.retryDelayMsMax };
    this.#steps = new Steps({ name: settings.name, retry, surroundings, events });
  }

  get name(): string {
    return this.#parts.settings.name;
  }

  get store(): SourceStore {
    return this.#parts.store;
  }

  get stuck(): { readonly reading: Stuck | undefined; readonly delivering: Stuck | undefined } {
    return { reading: this.#steps.stuck.read, delivering: this.#steps.stuck.deliver };
  }

  /**
   * Runs until the signal is aborted, or until everything that is there was taken and delivered.
   * @returns whether it has caught up
   */
  async run(signal: AbortSignal, once: boolean): Promise<boolean> {
    const run = { signal, once };
    const ended = await Promise.all([this.#readOn(run), this.#deliverOn(run)]);
    return ended.every((caughtUp) => caughtUp);
  }

  #readOn(run: Run): Promise<boolean> {
    const { store, settings } = this.#parts;
    return this.#steps.stepOn("read", run, async (seen) => {
      this.#look();
      const more = this.#room !== "full" && (await this.#takeNext());
      this.#steps.stuck.read = undefined;
      this.#steps.bell.ring();
      if (more) return undefined;
      const isFull = this.#room === "full";
      const roomIsComing = isFull && store.state.spool.length > 0 && !this.#steps.isDone.deliver;
      if (run.once && !roomIsComing) return !isFull;
      // A ring tells of room; it does not bring news of the source.
      if (isFull) await this.#steps.bell.wait(MINUTE_MS, run.signal, seen);
      else await waitFully(this.#steps.bell, settings.pollSeconds * SECOND_MS, run.signal);
      return undefined;
    });
  }

  async #takeNext(): Promise<boolean> {
    const { store, settings, events } = this.#parts;
    const waiting = bytesOfPieces(store.state);
    try {
      return await this.#take(settings.spoolBytesMax - waiting);
    } catch (error) {
      if (!(error instanceof SpoolFull)) throw error;
      if (waiting === 0) {
        throw new Trouble("refused", "it is larger than the spool may be; raise spoolBytesMax", { cause: error });
      }
      this.#room = "full";
      events.spoolRoom(this.name, this.#room);
      return false;
    }
  }

  #look(): void {
    const room = spoolRoom(bytesOfPieces(this.store.state), this.#parts.settings);
    if (room !== this.#room) this.#parts.events.spoolRoom(this.name, room);
    this.#room = room;
  }

  #deliverOn(run: Run): Promise<boolean> {
    return this.#steps.stepOn("deliver", run, async (seen) => {
      const isLast = run.once && this.#steps.isDone.read;
      const [piece] = this.store.state.spool;
      if (piece !== undefined) await this.#deliver(piece);
      this.#steps.stuck.deliver = undefined;
      if (piece !== undefined) return undefined;
      if (isLast) return true;
      await this.#steps.bell.wait(MINUTE_MS, run.signal, seen);
      return undefined;
    });
  }

  async #deliver(piece: SpooledPiece): Promise<void> {
    const { store, events } = this.#parts;
    const { intake, refusal } = await this.#send(piece);
    const rejected = intake.counts.rejected > 0 ? (intake.problems[0]?.code ?? "RowsRejected") : "";
    const reason = refusal === "" ? rejected : refusal;
    await store.update((state) => afterPiece(state, piece.number, intake.counts, reason));
    if (reason === "") await store.remove(piece.file);
    const { counts, problems } = intake;
    events.pieceDelivered(this.name, {
      from: piece.from,
      counts,
      waiting: store.state.spool.length,
      problems,
      setAside: reason,
    });
    this.#steps.bell.ring();
  }

  /** What is broken as a whole gets no better by being sent again; of it the server may have kept what was good. */
  async #send(piece: SpooledPiece): Promise<{ readonly intake: IntakeInfo; readonly refusal: string }> {
    const { client, settings, store } = this.#parts;
    const { windowStartMs: startMs, contentType: type, number, digest } = piece;
    const bytes = createReadStream(join(store.folder, piece.file)) as AsyncIterable<Buffer>;
    const window =
      startMs === undefined ? undefined : { start: formatInstant(startMs), end: formatInstant(startMs + HOUR_MS) };
    const key = `bridge-${this.name}-${number}-${digest.slice(0, 32)}`;
    try {
      const stream = { bytes, type, encoding: "gzip" };
      return { intake: await client.takeIn(settings.registration, stream, window, key), refusal: "" };
    } catch (error) {
      if (!(error instanceof Refused) || !error.code.startsWith("UsageBody")) throw error;
      return { intake: error.intake ?? NOTHING, refusal: error.code };
    }
  }
}

const NOTHING: IntakeInfo = {
  batch: 0,
  counts: { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 },
  problems: [],
  problemsOmitted: 0,
};
