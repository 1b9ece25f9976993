import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { UsageChangeInfo } from "../../src/client/usageTypes.ts";
import type { FaultPoint } from "../../src/lib/faultPoint.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asPage, hubPage, hubRecord, registerNorth, windowAfter } from "../support/world.ts";
import { StubbornCaller } from "./caller.ts";
import { engineOf, PLAN_VARIABLE } from "./plan.ts";

// Goal: whoever follows the feed of changes has what the store has, to the last digit and each entry once, also where the
// server or its engine gets kill -9 between two pages, in the middle of one, or in the middle of what is being written
// meanwhile. Method: a real server; a follower that keeps nothing but its cursor and what it was told; a sender beside it.

const RECORDS = 40;
const LIMIT = 9;
/** A feed waits so long for what broke off: the server that starts then has a clock that is ahead. */
const WAIT_MINUTES = LIMITS.engineQuerySecondsMax / 60 + 1;

const planFile = join(mkdtempSync(join(tmpdir(), "stampbook-changes-")), "plan.json");
const stopAt = (...points: readonly FaultPoint[]): void =>
  writeFileSync(planFile, JSON.stringify(points.map((point) => ({ point, who: "server" }))));

const open = (dataFolder: string, aheadMinutes: number): StubbornCaller =>
  new StubbornCaller(dataFolder, {
    preload: join(import.meta.dirname, "laterClock.ts"),
    env: {
      [PLAN_VARIABLE]: planFile,
      CLOCK_AHEAD_MINUTES: String(aheadMinutes),
      NODE_OPTIONS: `--import ${join(import.meta.dirname, "stopAtFaultPoint.ts")}`,
    },
  });

const hourOf = (n: number): string => `2024-02-${String(10 + n).padStart(2, "0")}T10:00:00Z`;

/** A delivery, sent until it is acknowledged. */
const send = async (caller: StubbornCaller, n: number): Promise<void> => {
  const hour = hourOf(n);
  const records = Array.from({ length: RECORDS }, (_, i) =>
    hubRecord({ hour, quantity: `${i + 1}.000${n}`, resource: `/r${i}` }),
  );
  await caller.until((client) => client.takeIn("north", asPage(hubPage(records)), windowAfter(hour)));
};

const summed = (quantities: readonly string[]): string =>
  formatDecimal(quantities.reduce((sum, quantity) => add(sum, decimal(quantity)), ZERO));

/** Has its cursor and what it was told, and nothing else. */
class Follower {
  readonly told: UsageChangeInfo[] = [];
  cursor: string | undefined;

  /** @param beside is done while the answer is under way */
  async page(caller: StubbornCaller, beside?: () => Promise<unknown>): Promise<boolean> {
    const asked = caller.until((client) =>
      client.usage.changes({ limit: LIMIT, ...(this.cursor === undefined ? {} : { cursor: this.cursor }) }),
    );
    await beside?.();
    const { value, cursor, more } = await asked;
    this.told.push(...value);
    this.cursor = cursor;
    return more;
  }

  async rest(caller: StubbornCaller): Promise<void> {
    while (await this.page(caller));
  }
}

test("a cursor goes on where it was, whoever was killed meanwhile, and everything that is told adds up to what is stored", async () => {
  stopAt();
  const dataFolder = join(temporaryFolder(), "data");
  let caller = open(dataFolder, 0);
  await caller.until((client) => registerNorth({ client }));
  for (const n of [0, 1]) await send(caller, n);
  const follower = new Follower();
  // Between pages, and while one is read: the server, and its engine.
  await follower.page(caller);
  await (await caller.server()).kill("SIGKILL");
  await follower.page(caller);
  const server = await caller.server();
  process.kill(engineOf(server.pid)!, "SIGKILL");
  await follower.page(caller, async () => process.kill(engineOf(server.pid) ?? server.pid, "SIGKILL"));
  const { cutOff } = caller;
  await follower.page(caller, async () => (await caller.server()).kill("SIGKILL"));
  expect(caller.cutOff, "a page was cut off").toBeGreaterThan(cutOff);
  // While it follows, deliveries and a withdrawal break off where something is stored already and not acknowledged.
  stopAt("usage: month stored", "decision: carried out");
  const sending = send(caller, 2);
  await follower.page(caller);
  await sending;
  await caller.until((client) => client.ledger.withdraw(1, "sent twice"));
  await send(caller, 3);
  await follower.rest(caller);
  // What comes after the one that broke off waits with it, and nothing of it is passed over.
  const waiting = follower.told.length;
  expect(follower.told.every(({ batch }) => batch <= 2)).toBe(true);
  await caller.close();
  caller = open(dataFolder, WAIT_MINUTES);
  await follower.rest(caller);
  expect(follower.told.length).toBeGreaterThan(waiting);
  expect(new Set(follower.told.map(({ entry }) => entry)).size, "each entry once").toBe(follower.told.length);
  const { value } = await caller.until((client) => client.totals.page({ period: "2024-02" }));
  const counting = follower.told.filter(({ counts }) => counts).map(({ quantity }) => quantity);
  expect(summed(counting)).toBe(summed(value.map(({ quantity }) => quantity)));
  // Deliveries 1 to 3 stand; the first was withdrawn again, each of its records.
  expect(follower.told.map(({ adds }) => (adds ? 1 : -1)).reduce<number>((sum, so) => sum + so, 0)).toBe(3 * RECORDS);
  const anew = new Follower();
  await anew.rest(caller);
  expect(anew.told).toEqual(follower.told);
  expect(await caller.close(), "the server ends in order").toBe(0);
});
