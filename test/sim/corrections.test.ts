import { expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { add, decimal, formatDecimal, multiply, ZERO } from "../../src/lib/decimal.ts";
import { HOUR_MS } from "../../src/lib/instant.ts";
import { fraction } from "../../src/lib/prng.ts";
import { closeAnyway } from "../support/closing.ts";
import {
  asLines,
  hubRecord,
  ids,
  instant,
  NORTH,
  openStampbook,
  registerNorth,
  windowAfter,
} from "../support/world.ts";

// Goal: over months of random late events, a statement and its corrections always come to what rating the period from
// scratch with today's knowledge comes to, and conservation holds each time. Method: a seeded run on real engines beside a
// model that knows the records, who owned and paid for each hour by every decision, and one price; it shares no code with
// rating, attribution or corrections.

const SEEDS = [1, 2];
const STEPS = 45;
const MONTHS = ["2024-01", "2024-02", "2024-03"];
const PRICE = decimal("0.046");
const LOCALS = [ids.local, ids.secondLocal, "40000000-0000-4000-8000-0000000000aa"];
const TENANTS = [ids.tenant, ids.secondTenant];
const CUSTOMERS = [ids.customer, ids.secondCustomer];

interface Fact {
  readonly hour: number;
  readonly who: string;
}
/** Of the changes that have begun, the one of the latest hour; of two of one hour, the later one. */
function standing(changes: readonly Fact[], hour: number): string | undefined {
  let found: Fact | undefined;
  for (const change of changes)
    if (change.hour <= hour && (found === undefined || change.hour >= found.hour)) found = change;
  return found?.who;
}

const hourOf = (text: string): number => instant(text) / HOUR_MS;
const textOf = (hour: number): string => new Date(hour * HOUR_MS).toISOString().replace(".000", "");

class Model {
  readonly records: { batch: number; local: string; hour: number; quantity: string }[] = [];
  readonly withdrawn = new Set<number>();
  readonly owners = new Map<string, Fact[]>();
  readonly mappings = new Map<string, Fact[]>();

  payerOf(local: string, hour: number): string | undefined {
    const tenant = standing(this.owners.get(local) ?? [], hour);
    if (tenant === undefined) return undefined;
    return standing(this.mappings.get(tenant) ?? [], hour) ?? ids.registration;
  }

  /** What each payer owes for a month: quantity × price, cut to cents, once for each payer. */
  owed(month: string): Map<string, string> {
    const sums = new Map<string, ReturnType<typeof decimal>>();
    for (const { batch, local, hour, quantity } of this.records) {
      const payer =
        textOf(hour).startsWith(month) && !this.withdrawn.has(batch) ? this.payerOf(local, hour) : undefined;
      if (payer !== undefined) sums.set(payer, add(sums.get(payer) ?? ZERO, decimal(quantity)));
    }
    return new Map([...sums].map(([payer, sum]) => [payer, cents(multiply(sum, PRICE))]));
  }
}

/** Cut to cents, as text. */
function cents({ coefficient, scale }: ReturnType<typeof decimal>): string {
  const value = scale >= 2 ? coefficient / 10n ** BigInt(scale - 2) : coefficient * 10n ** BigInt(2 - scale);
  return formatDecimal({ coefficient: value, scale: 2 });
}

/** What the closed documents of a month come to, payer by payer; those that come to nothing are left out. */
async function told(client: Client, month: string): Promise<Map<string, string>> {
  const sums = new Map<string, ReturnType<typeof decimal>>();
  const statements = (await client.statements(month)).filter(({ state }) => state !== "draft");
  for (const { payer, total } of [...statements, ...(await client.closing.corrections(month))]) {
    sums.set(payer, add(sums.get(payer) ?? ZERO, decimal(total)));
  }
  return notNothing(new Map([...sums].map(([payer, sum]) => [payer, formatDecimal(sum)])));
}

const notNothing = (sums: Map<string, string>): Map<string, string> =>
  new Map([...sums].filter(([, sum]) => sum !== "0").sort(([a], [b]) => (a < b ? -1 : 1)));

test.each(SEEDS)("seed %i: statement + corrections = from scratch, whatever comes late", async (seed) => {
  const stampbook = await openStampbook({ now: "2024-01-01T00:00:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  const model = new Model();
  for (const [i, local] of [ids.local, ids.secondLocal].entries())
    model.owners.set(local, [{ hour: 0, who: TENANTS[i]! }]);
  let now = hourOf("2024-01-01T00:00:00Z");
  const closed: string[] = [];
  let corrections = 0;
  const batches: number[] = [];

  const random = (step: number, what: number, below: number): number => Math.floor(fraction(seed, step, what) * below);
  const deliver = async (step: number): Promise<void> => {
    const hour = Math.max(hourOf("2024-01-01T00:00:00Z"), now - 1 - random(step, 1, 60 * 24));
    const lines: string[] = [];
    const brought: Omit<Model["records"][number], "batch">[] = [];
    for (let n = 0; n <= random(step, 2, 4); n += 1) {
      const local = LOCALS[random(step, 3 + n, LOCALS.length)]!;
      const quantity = `${random(step, 10 + n, 9_000)}.${String(random(step, 20 + n, 999) + 1).padStart(4, "0")}`;
      lines.push(hubRecord({ hour: textOf(hour), quantity, localSubscription: local, resource: `/r/${step}/${n}` }));
      brought.push({ local, hour, quantity });
    }
    const { batch } = await client.takeIn("north", asLines(lines), windowAfter(textOf(hour)));
    batches.push(batch);
    for (const record of brought) model.records.push({ ...record, batch });
  };
  const map = async (step: number): Promise<void> => {
    const tenant = TENANTS[0]!;
    const customer = CUSTOMERS[random(step, 1, CUSTOMERS.length)]!;
    await client.map(NORTH, customer, tenant);
    const own = model.mappings.get(tenant) ?? [];
    if (standing(own, Number.MAX_SAFE_INTEGER) === customer) return;
    model.mappings.set(tenant, [...own, { hour: now + 1, who: customer }]);
  };
  const own = async (step: number): Promise<void> => {
    const local = LOCALS[random(step, 1, LOCALS.length)]!;
    const tenant = TENANTS[random(step, 2, TENANTS.length)]!;
    const known = model.owners.get(local) ?? [];
    const hour = Math.max(hourOf("2024-01-01T00:00:00Z"), now - random(step, 3, 60 * 24));
    const row = { localSubscription: local, tenant, validFrom: textOf(hour) };
    const { changes } = await client.putLocalSubscriptions("north", [row]);
    if (changes > 0) model.owners.set(local, [...known, { hour, who: tenant }]);
  };
  const withdraw = async (step: number): Promise<void> => {
    const batch = batches[random(step, 1, batches.length)];
    if (batch === undefined || model.withdrawn.has(batch)) return;
    await client.ledger.withdraw(batch, `step ${step}`);
    model.withdrawn.add(batch);
  };

  for (let step = 0; step < STEPS; step += 1) {
    now += 24 + random(step, 30, 72);
    clock.set(textOf(now).replace(":00:00Z", ":20:00Z"));
    await [deliver, deliver, deliver, map, own, withdraw][random(step, 0, 6)]!(step);
    for (const month of MONTHS) {
      if (textOf(now).slice(0, 7) <= month) continue;
      const isNew = !closed.includes(month);
      if (isNew) {
        await closeAnyway(client, month);
        closed.push(month);
      } else {
        corrections += (await client.closing.issueCorrections(month, "contoso", `step ${step}`)).value.length;
      }
      expect(await told(client, month), `${month} after step ${step}`).toEqual(notNothing(model.owed(month)));
      expect((await client.closing.previewCorrections(month, "contoso")).correctionsInAll).toBe(0);
      const { conservation } = await client.runStatements(month);
      expect(conservation, `${month} after step ${step}`).toMatchObject({ difference: 0, metersUnequal: 0 });
    }
  }
  expect(closed).toEqual(MONTHS);
  expect(corrections).toBeGreaterThan(5);
  const numbers: string[] = [];
  for (const month of MONTHS) {
    expect(await client.closing.verify({ period: month })).toMatchObject({ intact: true, differentInAll: 0 });
    for (const { number, state } of await client.statements(month)) if (state !== "draft") numbers.push(number);
    numbers.push(...(await client.closing.corrections(month)).map(({ number }) => number));
  }
  const gapless = numbers.map((_, i) => `CONTOSO-${String(i + 1).padStart(6, "0")}`);
  expect([...numbers].sort((a, b) => (a < b ? -1 : 1))).toEqual(gapless);
  await stampbook.close();
});
