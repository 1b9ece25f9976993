import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { embed } from "../../src/cli/connect.ts";
import { LOCAL_ADMINISTRATOR } from "../../src/domain/access/caller.ts";
import { Fault, isFault } from "../../src/domain/faults/fault.ts";
import type { Registration } from "../../src/domain/registration/registration.ts";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { HOUR_MS, type InstantMs, parseInstant } from "../../src/lib/instant.ts";
import { guid } from "../../src/lib/prng.ts";
import type { Caller, Context } from "../../src/operations/context.ts";
import { readSettings } from "../../src/settings.ts";
import { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { CUSTOMERS, monthOf, STAMPS, type Stamp, TENANTS } from "./facts.ts";

export const CALLER: Caller = { ...LOCAL_ADMINISTRATOR, address: "local", correlationId: "" };
const START = "2024-02-28T18:20:00Z";
const START_MS = parseInstant(START)!;

/** How the answer of the next insert is lost: nothing was stored, all was, or only what is of its first month. */
export type Lost = "nothing stored" | "all stored" | "one month stored";

type Member = (...args: unknown[]) => Promise<unknown>;
type Next = { lost: Lost | undefined };

function take(next: Next): Lost | undefined {
  const { lost } = next;
  next.lost = undefined;
  return lost;
}

const answerIsLost = (lost: Lost): Fault => new Fault("UsageEngineUnavailable", { reason: `lost: ${lost}` });

/** The real store, of which the next insert can go wrong. */
function unreliable(usage: UsageStore, next: Next): UsageStore {
  const append: UsageStore["append"] = async (rows) => {
    const lost = take(next);
    const month = monthOf(rows[0]!.record.usageStartMs / HOUR_MS);
    const kept = rows.filter(({ record }) => monthOf(record.usageStartMs / HOUR_MS) === month);
    if (lost === "one month stored") await usage.append(kept);
    else if (lost !== "nothing stored") await usage.append(rows);
    if (lost !== undefined) throw answerIsLost(lost);
  };
  return new Proxy(usage, {
    get(store, name) {
      if (name === "append") return append;
      const member: unknown = Reflect.get(store, name);
      if (typeof member !== "function") return member;
      const call = (member as Member).bind(store);
      if (name !== "withdraw" && name !== "choose") return call;
      return async (...args: unknown[]): Promise<unknown> => {
        const lost = take(next);
        const answer = lost === "nothing stored" ? undefined : await call(...args);
        if (lost !== undefined) throw answerIsLost(lost);
        return answer;
      };
    },
  });
}

type Connection = Awaited<ReturnType<typeof embed>>;

/** A Stampbook on real engines, worked through its operations; its clock and its accidents are the simulation's. */
export class World {
  readonly #folder: string;
  readonly #next: Next = { lost: undefined };
  #connection!: Connection;
  context!: Context;
  nowMs: InstantMs = START_MS;
  registrations!: Readonly<Record<Stamp, Registration>>;
  readonly spoil: (usage: UsageStore) => UsageStore;

  private constructor(folder: string, spoil: (usage: UsageStore) => UsageStore) {
    this.#folder = folder;
    this.spoil = spoil;
  }

  /** @param spoil puts something between the operations and the store; a canary is told by it */
  static async open(folder: string, spoil: (usage: UsageStore) => UsageStore = (usage) => usage): Promise<World> {
    const world = new World(folder, spoil);
    await world.#open();
    const { client } = world.#connection;
    const csp = { offerType: "CSP", partner: "contoso" };
    await client.putCatalogue([
      ...STAMPS.map((_, i) => ({ subscription: guid(10, i), offerType: "APSS", partner: "contoso" })),
      ...CUSTOMERS.map((subscription, i) => ({ subscription, ...csp, tenant: TENANTS[i]! })),
      ...CUSTOMERS.map((_, i) => ({ subscription: guid(21, i), ...csp, tenant: TENANTS[i]! })),
    ]);
    for (const [i, name] of STAMPS.entries()) {
      const billingModel = name === "capacity" ? "Capacity" : "PayAsYouUse";
      const scope = { subscription: guid(10, i), resourceGroup: "azurestack", name };
      const said = JSON.stringify({ cloudId: `cloud-${name}`, billingModel, objectId: "bridge" });
      await client.register(scope, Buffer.from(said).toString("base64"));
      if (name === "capacity") continue;
      await client.approval(name, "request");
      await client.approval(name, "approve");
    }
    const { registrations } = world.context.control;
    const all = await registrations.list();
    world.registrations = Object.fromEntries(all.map((so) => [so.name, so])) as Record<Stamp, Registration>;
    return world;
  }

  async #open(): Promise<void> {
    const settings = readSettings({ dataFolder: join(this.#folder, "data"), logLevel: "silent" }, {});
    this.#connection = await embed(settings, "en", { clock: { now: () => this.nowMs } });
    const { context } = this.#connection.stampbook;
    this.context = { ...context, usage: unreliable(this.spoil(context.usage), this.#next) };
  }

  /** Loses the answer of the next insert. */
  loseNext(lost: Lost | undefined): void {
    this.#next.lost = lost;
  }

  async restart(): Promise<void> {
    await this.#connection.close();
    await this.#open();
  }

  async killEngine(): Promise<void> {
    const { usage } = this.#connection.stampbook.context;
    if (!(usage instanceof EngineUsageStore)) throw new Error("another store than the engine's");
    const pid = await usage.engine.pid;
    process.kill(pid!, "SIGKILL");
    // What is asked of it in the moment of its death fails; the next question starts it anew.
    for (;;) {
      try {
        await usage.ping();
        if ((await usage.engine.pid) !== pid) return;
      } catch (error) {
        if (!isFault(error)) throw error;
      }
      await sleep(5);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
