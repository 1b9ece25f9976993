import { retryDelayMs, type RetryRules } from "../domain/bridge/retry.ts";
import { type SpoolRoom, spoolRoom } from "../domain/bridge/spoolRoom.ts";
import {
  afterDelivery,
  afterListing,
  afterReading,
  afterSubscriptionsDelivered,
  afterVainConfirmation,
  isUnchanged,
  spooledBytes,
  subscriptionsToAsk,
} from "../domain/bridge/stampState.ts";
import { isNewest, nextReading, type ReadingRules } from "../domain/bridge/windows.ts";
import { HOUR_MS, type InstantMs, MINUTE_MS, parseInstant, SECOND_MS } from "../lib/instant.ts";
import type { Credential } from "./credentialFile.ts";
import { deliverReading, deliverSubscriptions, type Destination } from "./deliver.ts";
import type { BridgeEvents } from "./events.ts";
import { listLocalSubscriptions } from "./localSubscriptions.ts";
import { readAllTenants, readEachSubscription, type WindowSource } from "./readWindow.ts";
import type { StampSettings } from "./settings.ts";
import { SpoolFile, SpoolFull } from "./spoolFile.ts";
import { StampClient } from "./stampClient.ts";
import type { StampStore } from "./stampStore.ts";
import { FAILURES_MAX_ONCE, Steps, type Stuck } from "./steps.ts";
import type { Surroundings } from "./surroundings.ts";
import { Trouble } from "./trouble.ts";

export interface StampParts {
  readonly settings: StampSettings;
  readonly ca: string | undefined;
  readonly credential: Credential;
  readonly store: StampStore;
  /** None where what was read waits to be exported. */
  readonly destination: Destination | undefined;
  readonly surroundings: Surroundings;
  readonly events: BridgeEvents;
}

/** A stamp that gave up on a query for all its tenants is asked again so often before each tenant is asked for. */
const ALL_TENANTS_TRIES = 3;
/** After so many hours in a row for which it gave up, it is not asked so for a while. */
const TOO_SLOW_HOURS = 3;
const ALL_TENANTS_AGAIN_MS = HOUR_MS;
interface DueReading {
  readonly startMs: InstantMs;
  readonly again: boolean;
  readonly confirms: boolean;
}

/** An hour that the stamp has not ready yet, and when it is asked for again by the bridge's clock. */
interface NotReady {
  readonly startMs: InstantMs;
  readonly stuck: Stuck;
  readonly untilMs: InstantMs;
}

/** Reads one stamp and delivers what it read: two loops, so that neither side waits for the other. */
export class StampRunner {
  readonly #parts: StampParts;
  readonly #rules: ReadingRules;
  readonly #retry: RetryRules;
  readonly #client: StampClient;
  readonly #steps: Steps;
  #skewMs: number;
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #eachUntilMs = Number.NEGATIVE_INFINITY;
  #tooSlowInRow = 0;
  #room: SpoolRoom = "free";
  #notReady: NotReady | undefined;

  constructor(parts: StampParts) {
    const { settings, ca, credential, store, surroundings, events } = parts;
    this.#parts = parts;
    this.#rules = { settleMs: settings.settleMinutes * MINUTE_MS, rereadDepthMs: settings.rereadHours * HOUR_MS };
    this.#retry = { delayMsMin: settings.retryDelayMsMin, delayMsMax: settings.retryDelayMsMax };
    this.#steps = new Steps({ name: settings.name, retry: this.#retry, surroundings, events });
    this.#skewMs = store.state.skewMs;
    const endpoint = { ca, timeoutMs: settings.requestTimeoutSeconds * SECOND_MS };
    const { adminUrl, tokenUrl, audience } = settings;
    this.#client = new StampClient({ adminUrl, endpoint, credential, tokenUrl, audience }, surroundings.clock, (ms) => {
      this.#skewMs = ms;
    });
  }

  get name(): string {
    return this.#parts.settings.name;
  }

  get store(): StampStore {
    return this.#parts.store;
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  get stuck(): { readonly reading: Stuck | undefined; readonly delivering: Stuck | undefined } {
    return { reading: this.#steps.stuck.read, delivering: this.#steps.stuck.deliver };
  }

  /** Reported hours that are over and were not read yet. */
  get hoursBehind(): number {
    return Math.max(0, Math.floor((this.#stampNow() - this.store.state.cursorMs) / HOUR_MS));
  }

  /**
   * Runs until the signal is aborted, or until everything that is there was read and delivered.
   * @returns whether it has caught up
   */
  async run(signal: AbortSignal, once: boolean): Promise<boolean> {
    // A side that gives up does not end the other one: what was read is delivered, and what there is room for is read.
    const ended = await Promise.all([this.#readOn(signal, once), this.#deliverOn(signal, once)]);
    return ended.every((caughtUp) => caughtUp);
  }

  #stampNow(): InstantMs {
    return this.#parts.surroundings.clock.now() + this.#skewMs;
  }

  #readOn(signal: AbortSignal, once: boolean): Promise<boolean> {
    return this.#steps.stepOn("read", { signal, once }, async (seen) => {
      const waitMs = await this.#readStep(signal);
      this.#steps.stuck.read = this.#notReady?.stuck;
      if (waitMs === undefined) return undefined;
      if (once && !this.#roomIsComing) {
        if (this.#room === "full" || this.#isOverdueForGood) return false;
        if (!this.#isOverdue) return true;
      }
      await this.#steps.bell.wait(waitMs, signal, seen);
      return undefined;
    });
  }

  /** Whether delivering will make room in a full spool. */
  get #roomIsComing(): boolean {
    const isDelivering = this.#parts.destination !== undefined && !this.#steps.isDone.deliver;
    return this.#room === "full" && this.store.state.spool.length > 0 && isDelivering;
  }

  /** Whether an hour is not ready although it should be. Of the newest one it is no wonder: nothing is behind then. */
  get #isOverdue(): boolean {
    return this.#notReady !== undefined && !isNewest(this.#notReady.startMs, this.#stampNow());
  }

  get #isOverdueForGood(): boolean {
    return this.#isOverdue && this.#notReady!.stuck.failures >= FAILURES_MAX_ONCE;
  }

  /** One step of reading. Gives how long there is nothing to do, if there is nothing. */
  async #readStep(signal: AbortSignal): Promise<number | undefined> {
    const { store, surroundings, settings } = this.#parts;
    const nowMs = surroundings.clock.now();
    const listAtMs = (): InstantMs => this.#listedAtMs + settings.subscriptionsMinutes * MINUTE_MS;
    if (listAtMs() <= nowMs) await this.#list(signal);
    this.#look();
    if (this.#room === "full") return MINUTE_MS;
    const heldMs = this.#notReady === undefined ? 0 : Math.max(0, this.#notReady.untilMs - surroundings.clock.now());
    const next = nextReading(store.state, this.#rules, this.#stampNow(), heldMs);
    if (next.kind === "wait") return Math.max(1, Math.min(next.untilMs - this.#stampNow(), listAtMs() - nowMs));
    try {
      if (!(await this.#read(next, signal))) return MINUTE_MS;
    } catch (error) {
      if (next.again || !(error instanceof Trouble) || error.kind !== "not-ready") throw error;
      this.#hold(next.startMs, error);
      return undefined;
    }
    if (!next.again) this.#notReady = undefined;
    return undefined;
  }

  /** An hour is asked for again later; until then those that are due again have their turn. */
  #hold(startMs: InstantMs, trouble: Trouble): void {
    const { surroundings } = this.#parts;
    const before = this.#notReady?.stuck;
    const failures = (before?.failures ?? 0) + 1;
    const stuck = this.#steps.told("read", trouble, failures, before);
    const delayMs = retryDelayMs(failures, surroundings.random(), this.#retry, trouble.retryAfterMs);
    this.#notReady = { startMs, stuck, untilMs: surroundings.clock.now() + delayMs };
  }

  #look(): void {
    const room = spoolRoom(spooledBytes(this.store.state), this.#parts.settings);
    if (room !== this.#room) this.#parts.events.spoolRoom(this.name, room);
    this.#room = room;
  }

  #source(signal: AbortSignal): WindowSource {
    const { settings, surroundings, events } = this.#parts;
    return {
      client: this.#client,
      providerSubscription: settings.providerSubscription,
      retry: this.#retry,
      surroundings,
      bell: this.#steps.bell,
      signal,
      onTrouble: (trouble) => events.trouble(this.name, "read", trouble.kind, trouble.message),
      onRows: (rows) => events.rows(this.name, rows),
    };
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { store, surroundings, events } = this.#parts;
    const { subscriptions, unreadable } = await listLocalSubscriptions(this.#source(signal));
    await store.update((state) => ({ ...afterListing(state, subscriptions), skewMs: this.#skewMs }));
    this.#listedAtMs = surroundings.clock.now();
    events.listed(this.name, subscriptions.length, unreadable);
    this.#steps.bell.ring();
  }

  /** @returns false where there is no room for the rows until the server has taken what waits */
  async #read({ startMs, again, confirms }: DueReading, signal: AbortSignal): Promise<boolean> {
    const { store, settings, events } = this.#parts;
    const file = await SpoolFile.open(store.folder, settings.spoolBytesMax - spooledBytes(store.state));
    try {
      const readAtMs = this.#stampNow();
      const read = await this.#readInto(file, startMs, confirms, signal);
      if (read === undefined) {
        await file.abandon();
        await store.update((state) => afterVainConfirmation(state, { startMs, readAtMs }, this.#rules));
        return true;
      }
      const { written } = file;
      const facts = { startMs, readAtMs, rows: written.rows, digest: written.digest, by: read.by };
      const reading = { ...facts, localSubscriptions: read.localSubscriptions };
      if (isUnchanged(store.state, facts)) {
        await file.abandon();
        await store.update((state) => afterReading(state, reading, this.#rules));
      } else {
        const name = `${String(store.state.nextNumber).padStart(8, "0")}.ndjson.gz`;
        await file.keep(name);
        const kept = { ...reading, file: { name, bytes: written.bytes } };
        await store.update((state) => afterReading(state, kept, this.#rules));
      }
      events.windowRead(this.name, { startMs, again, rows: written.rows, by: read.by, hoursBehind: this.hoursBehind });
      this.#steps.bell.ring();
      return true;
    } catch (error) {
      await file.abandon();
      if (!(error instanceof SpoolFull)) throw error;
      this.#noRoom(error);
      return false;
    }
  }

  /** @throws Trouble where no delivering would make enough room */
  #noRoom(cause: SpoolFull): void {
    if (spooledBytes(this.store.state) === 0) {
      throw new Trouble("refused", "an hour is larger than the spool may be; raise spoolBytesMax", { cause });
    }
    this.#room = "full";
    this.#parts.events.spoolRoom(this.name, this.#room);
  }

  /** @param confirms only the query for all tenants is of use; undefined where the stamp is too slow for it */
  async #readInto(
    file: SpoolFile,
    startMs: InstantMs,
    confirms: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly by: "stamp" | "subscription"; readonly localSubscriptions: ReadonlySet<string> } | undefined> {
    const source = this.#source(signal);
    const nowMs = this.#parts.surroundings.clock.now();
    for (let tries = 0; tries < ALL_TENANTS_TRIES && nowMs >= this.#eachUntilMs; tries += 1) {
      try {
        await file.restart();
        const localSubscriptions = await readAllTenants(source, startMs, file);
        this.#tooSlowInRow = 0;
        return { by: "stamp", localSubscriptions };
      } catch (error) {
        if (!(error instanceof Trouble) || error.kind !== "too-slow") throw error;
        source.onTrouble(error);
      }
    }
    if (nowMs >= this.#eachUntilMs) this.#tooSlowInRow += 1;
    if (this.#tooSlowInRow >= TOO_SLOW_HOURS) {
      this.#eachUntilMs = nowMs + ALL_TENANTS_AGAIN_MS;
      this.#tooSlowInRow = 0;
    }
    if (confirms) return undefined;
    await file.restart();
    await this.#list(signal);
    await readEachSubscription(source, startMs, file, this.#asked());
    return { by: "subscription", localSubscriptions: new Set() };
  }

  #asked(): readonly { readonly id: string; readonly isGone: boolean }[] {
    const { state } = this.store;
    const here = new Set(state.known.filter((so) => so.state !== "Deleted").map((so) => so.localSubscription));
    return subscriptionsToAsk(state).map((id) => ({ id, isGone: !here.has(id) }));
  }

  #deliverOn(signal: AbortSignal, once: boolean): Promise<boolean> {
    return this.#steps.stepOn("deliver", { signal, once }, async (seen) => {
      // Asked before the step: what is read during it is delivered by the next one.
      const isLast = once && this.#steps.isDone.read;
      const more = await this.#deliverStep();
      this.#steps.stuck.deliver = undefined;
      if (more) return undefined;
      if (isLast) return true;
      await this.#steps.bell.wait(MINUTE_MS, signal, seen);
      return undefined;
    });
  }

  /** Delivers one thing, if there is one. The subscriptions come first, so that usage finds its tenants there. */
  async #deliverStep(): Promise<boolean> {
    const { store, destination, events } = this.#parts;
    if (destination === undefined) return false;
    const { known, knownDelivered, spool } = store.state;
    if (!knownDelivered) {
      await deliverSubscriptions(destination, known);
      await store.update((state) => afterSubscriptionsDelivered(state, known));
      events.subscriptionsDelivered(this.name, known.length);
      return true;
    }
    const [reading] = spool;
    if (reading === undefined) return false;
    const { counts, problems } = await deliverReading(destination, store.fileOf(reading.file), reading);
    await store.update((state) => afterDelivery(state, reading.number, counts));
    if (counts.rejected === 0) await store.remove(reading.file);
    events.delivered(this.name, { startMs: reading.startMs, counts, waiting: store.state.spool.length, problems });
    this.#look();
    this.#steps.bell.ring();
    return true;
  }
}

/** Start of the first hour to read. */
export const startMsOf = ({ startAt }: StampSettings): InstantMs => parseInstant(startAt)!;
