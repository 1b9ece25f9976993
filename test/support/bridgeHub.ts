import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Hub, type HubOptions, startHub } from "../../simulator/hub/hub.ts";
import { registrationToken } from "../../simulator/stamps.ts";
import { createWorld } from "../../simulator/world.ts";
import type { Client } from "../../src/client/client.ts";
import { add, type Decimal, decimal, formatDecimal } from "../../src/lib/decimal.ts";
import { formatInstant } from "../../src/lib/instant.ts";
import { BIN } from "./cli.ts";
import { temporaryFolder } from "./temporary.ts";

/** Registers the Hub's stamp and what its tenants pay from. */
export async function registerHub(client: Client, { seed, period }: { seed: number; period: string }): Promise<void> {
  const world = createWorld({ seed, period, records: 5_000 });
  await client.putCatalogue(world.catalogue);
  const [stamp] = world.stamps;
  await client.register(stamp!.scope, registrationToken(stamp!));
}

export const startHubHere = (options: Omit<HubOptions, "folder">): Promise<Hub> =>
  startHub({ ...options, folder: temporaryFolder() });

/** A process that has not told of an event by then is killed without it. */
const EVENT_MS_MAX = 6_000;

/** A bridge in a process of its own, as an operator runs it. */
export class BridgeProcess {
  readonly #configFile: string;
  #child: ChildProcess | undefined;
  said = "";

  constructor(configFile: string) {
    this.#configFile = configFile;
  }

  #spawn(...more: readonly string[]): Promise<number | null> {
    const args = [BIN, "bridge", "run", "--json", "--config", this.#configFile, ...more];
    const child = spawn(process.execPath, args, { env: { PATH: process.env["PATH"] ?? "" } });
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    return new Promise((resolve) => child.once("close", resolve));
  }

  /**
   * Runs it for so long after it told of an event, and then kills it with a signal that nobody can catch.
   * @returns whether the event came in time
   */
  async runAndKill(event: string, ms: number): Promise<boolean> {
    const from = this.said.length;
    const ended = this.#spawn();
    const heard = (): boolean => this.said.includes(`"event":"${event}"`, from);
    for (let waitedMs = 0; !heard() && waitedMs < EVENT_MS_MAX; waitedMs += 5) await sleep(5);
    const came = heard();
    await sleep(ms);
    this.#child!.kill("SIGKILL");
    await ended;
    return came;
  }

  /** Runs it until it has read and delivered everything. */
  async catchUp(): Promise<void> {
    const status = await this.#spawn("--once");
    expect(status, this.said.slice(-2_000)).toBe(0);
  }
}

interface Sum {
  records: number;
  quantity: Decimal;
}

/** Sums by key. */
export class Sums {
  readonly #sums = new Map<string, Sum>();

  add(key: string, records: number, quantity: string): void {
    const sum = this.#sums.get(key);
    if (sum === undefined) this.#sums.set(key, { records, quantity: decimal(quantity) });
    else {
      sum.records += records;
      sum.quantity = add(sum.quantity, decimal(quantity));
    }
  }

  get texts(): readonly string[] {
    return [...this.#sums].map(([key, so]) => `${key}: ${so.records} records, ${formatDecimal(so.quantity)}`).sort();
  }
}

/** Meters are written with hyphens and without. */
const keyOf = (so: { readonly localSubscription?: string; readonly meter: string }): string =>
  `${so.localSubscription} ${so.meter.replaceAll("-", "").toLowerCase()}`;

/** What waits for want of an owner or a meter was delivered all the same. */
const WAITING = new Set(["UnknownLocalSubscription", "UnknownMeter"]);

/** Records and quantities that the server holds, by local subscription and meter. */
export async function storedSums(client: Client, registration: string, fromMs: number, toMs: number): Promise<Sums> {
  const sums = new Sums();
  let after: number | undefined;
  do {
    const page = await client.totals.page({
      from: formatInstant(fromMs),
      to: formatInstant(toMs),
      registration,
      groupBy: "localSubscription",
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    for (const so of page.value) sums.add(keyOf(so), so.records, so.quantity);
    after = page.next;
  } while (after !== undefined);
  for (const so of await client.parked({ registration })) {
    if (WAITING.has(so.reason)) sums.add(keyOf(so), so.records, so.quantity);
  }
  return sums;
}

/** What the stamp has in truth of some reported windows. */
export function trueSums(hub: Hub, fromMs: number, toMs: number, skip: (key: string) => boolean): Sums {
  const sums = new Sums();
  for (const so of hub.truth.records(fromMs, toMs)) {
    const key = keyOf(so);
    if (!skip(key)) sums.add(key, 1, so.quantityText);
  }
  return sums;
}

/** Keys of which a record's number changes between readings: what they come to depends on when they were read first. */
export function changingKeys(hub: Hub, fromMs: number, toMs: number): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const so of hub.truth.records(fromMs, toMs)) {
    if (so.changedText !== undefined) keys.add(keyOf(so));
  }
  return keys;
}
