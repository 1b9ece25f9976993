import assert from "node:assert/strict";
import { hourOf, type Hour, type RegistrationId } from "../../src/domain/ids.ts";
import { type RecordRef, type StoredEntry, SUM_TIMES, type SumTime } from "../../src/domain/usage/store.ts";
import { digest } from "../../src/lib/digest.ts";
import { formatInstant, HOUR_MS, parseInstant } from "../../src/lib/instant.ts";
import { classifiedTotals, loadKnowledge } from "../../src/operations/statements/classified.ts";
import { runStatements } from "../../src/operations/statements/run.ts";
import type { Sight } from "../../src/operations/usage/sight.ts";
import { usageTotals } from "../../src/operations/usage/totals.ts";
import { listConflicts } from "../../src/operations/usage/decide.ts";
import type { Context } from "../../src/operations/context.ts";
import { parsePeriod } from "../../src/domain/statement/period.ts";
import { type Facts, monthOf, SOURCE, STAMPS, type Stamp } from "./facts.ts";
import { type Model, type Sum, unitsOf } from "./model.ts";
import type { Payers } from "./payers.ts";
import type { Random } from "./random.ts";
import { CALLER, type World } from "./world.ts";

const FROM = hourOf(0);
const PAGE = 1_000;
/** Small, so that more than one page is asked for. */
const CONFLICTS_PAGE = 40;

const meterOf = (meter: string): string => meter.toLowerCase().replaceAll("-", "");

/** Whether a stored entry says what a record says. */
const says = (entry: StoredEntry, facts: Facts): boolean =>
  entry.localSubscription === facts.local &&
  entry.meter === meterOf(facts.meter) &&
  entry.resourceUri.toLowerCase() === facts.resource.toLowerCase() &&
  entry.usageStartMs === facts.hour * HOUR_MS &&
  entry.reportedStartMs === facts.window.from * HOUR_MS &&
  entry.reportedEndMs === (facts.window.from + facts.window.hours) * HOUR_MS &&
  unitsOf(entry.quantity) === unitsOf(facts.quantity) &&
  entry.tags === facts.tags &&
  entry.event === eventOf(facts);

const eventOf = ({ event }: Facts): string => (event === undefined ? "" : digest(`${SOURCE}\n${event}`, 128));

async function allConflicts(context: Context, limit: number, registration?: RegistrationId) {
  const found: Awaited<ReturnType<typeof listConflicts>>[number][] = [];
  for (let after: RecordRef | undefined; ; after = found.at(-1)!.record) {
    const page = await listConflicts(context, {
      limit,
      ...(registration === undefined ? {} : { registration }),
      ...(after === undefined ? {} : { after }),
    });
    found.push(...page);
    if (page.length < limit) return found;
  }
}

/** The conflict that a version belongs to, and its content as decisions name it. */
export async function findVersion(
  context: Context,
  registration: RegistrationId,
  facts: Facts,
): Promise<{ readonly record: RecordRef; readonly content: string }> {
  for (const { record, versions } of await allConflicts(context, PAGE, registration)) {
    const version = versions.find((entry) => says(entry, facts));
    if (version !== undefined) return { record, content: version.content };
  }
  throw new Error(`no conflict lists ${JSON.stringify(facts)}`);
}

const textOf = (sums: ReadonlyMap<string, Sum>): string =>
  [...sums]
    .filter(([, { records, quantity }]) => records !== 0 || quantity !== 0n)
    .map(([name, { quantity, records }]) => `${name}: ${quantity} in ${records}`)
    .sort()
    .join("\n");

function addTo(sums: Map<string, Sum>, name: string, quantity: string, records: number): void {
  const so = sums.get(name) ?? { quantity: 0n, records: 0 };
  sums.set(name, { quantity: so.quantity + unitsOf(quantity), records: so.records + records });
}

interface Remembered {
  readonly lastBatch: number;
  readonly knownUntilMs: number;
  readonly answer: string;
}

interface TotalsTold {
  readonly asOfMs: number;
  readonly time: SumTime | undefined;
  readonly answer: string;
}

const TOTALS_BY = ["payer", "registration", "localSubscription"] as const;
const TIMES = [undefined, ...SUM_TIMES];
/** The first hour of the month in which a simulation begins. */
const TOTALS_FROM = hourOf(parseInstant("2024-02-01T00:00:00Z")!);
const SEES_ALL: Sight = {
  registrations: async (of) => new Set(of.map(({ id }) => id)),
  payers: async (of) => new Set(of),
};
/** More rows than an epoch has. */
const ALL_TOTALS = { offset: 0, limit: 1_000_000 };

/** The month, day or hour that an hour is in. */
const timeName = (hour: number, time: SumTime | undefined): string =>
  formatInstant(hour * HOUR_MS).slice(0, time === undefined ? 0 : { month: 7, day: 10, hour: 13 }[time]);

/** Compares what Stampbook says with what the model says. */
export class Auditor {
  readonly #world: World;
  readonly #model: Model;
  readonly #payers: Payers;
  readonly #remembered: Remembered[] = [];
  readonly #totalsTold: TotalsTold[] = [];
  #batches = 0;

  constructor(world: World, model: Model, payers: Payers) {
    this.#world = world;
    this.#model = model;
    this.#payers = payers;
  }

  /** The number that the next batch gets: none is left out and none comes twice. */
  nextBatch(): number {
    this.#batches += 1;
    return this.#batches;
  }

  get #to(): Hour {
    return hourOf(this.#world.nowMs + 24 * HOUR_MS);
  }

  #stampOf(id: RegistrationId): Stamp {
    return STAMPS.find((stamp) => this.#world.registrations[stamp].id === id)!;
  }

  /** What is stored of each meter; one cheap question, for after every step. */
  async sums(): Promise<void> {
    const { usage } = this.#world.context;
    const stored = new Map<string, Sum>();
    const scope = { from: FROM, to: this.#to, lastBatch: this.#batches };
    for (const { meter, quantity, records } of await usage.stored(scope)) addTo(stored, meter, quantity, records);
    const expected = this.#model.sums(({ facts }) => meterOf(facts.meter));
    assert.equal(textOf(stored), textOf(expected), "what is stored of each meter");
  }

  async everything(random: Random): Promise<void> {
    await this.#totals();
    await this.#conflicts();
    await this.#batchList();
    await this.#attributed(random);
    await this.#usageTotals(random);
    await this.#statements(random);
  }

  async #totals(): Promise<void> {
    const stored = new Map<string, Sum>();
    const scope = { from: FROM, to: this.#to, lastBatch: this.#batches };
    for (const so of await this.#world.context.usage.totals(scope, [])) {
      const { registration, localSubscription, meter, held, quantity, records } = so;
      addTo(stored, `${this.#stampOf(registration)} ${localSubscription} ${meter} ${held}`, quantity, records);
    }
    const expected = this.#model.sums(
      ({ stamp, facts, waits }) => `${stamp} ${facts.local} ${meterOf(facts.meter)} ${waits ? "conflict" : "no"}`,
    );
    assert.equal(textOf(stored), textOf(expected), "totals by local subscription and meter");
  }

  /** Each record of which a version waits, with all versions that count or wait and where they came from. */
  async #conflicts(): Promise<void> {
    const expected = Map.groupBy(this.#model.living(), ({ stamp, key }) => `${stamp} ${key}`);
    const waiting = [...expected.values()].filter((versions) => versions.some(({ waits }) => waits));
    const listed = await allConflicts(this.#world.context, CONFLICTS_PAGE);
    const told = new Set<string>();
    for (const { record, versions } of listed) {
      const stamp = this.#stampOf(record.registration);
      const match = waiting.find(
        (so) =>
          (so[0]!.stamp === stamp && says(versions[0]!, so[0]!.facts)) ||
          so.some(({ facts, stamp: of }) => of === stamp && says(versions[0]!, facts)),
      );
      assert(match !== undefined, `a conflict is listed that is none: ${JSON.stringify(versions)}`);
      told.add(`${stamp} ${match[0]!.key}`);
      const plain = match.map(({ facts, waits, delivery }) => {
        const entry = versions.find((so) => says(so, facts));
        return [facts, waits ? "conflict" : "no", delivery, entry?.held, entry?.delivery] as const;
      });
      for (const [facts, held, delivery, storedHeld, storedDelivery] of plain) {
        assert.deepEqual([storedHeld, storedDelivery], [held, delivery], `version ${JSON.stringify(facts)}`);
      }
      assert.equal(versions.length, match.length, "versions of a conflict");
    }
    assert.deepEqual([...told].sort(), this.#model.conflicts(), "list of conflicts");
  }

  async #batchList(): Promise<void> {
    const { batches } = this.#world.context.control;
    const newest = await batches.list({ limit: PAGE });
    assert.equal(newest[0]?.id ?? 0, this.#batches, "number of the newest batch");
    assert.equal(newest.filter(({ finishedAtMs }) => finishedAtMs === null).length, 0, "batches that still run");
    assert.deepEqual(await batches.lastComplete(), { lastBatch: this.#batches, later: 0 });
  }

  /** Who pays for what, or why nobody does, as it was known at a moment; what was said of an earlier one still holds. */
  async #attributed(random: Random): Promise<void> {
    const now = { lastBatch: this.#batches, knownUntilMs: this.#world.nowMs };
    const answer = await this.#answer(now);
    const expected = this.#model.sums(({ stamp, facts, waits }) => {
      const end = waits ? "Conflict" : this.#payers.endOf(stamp, facts);
      return `${end} ${stamp} ${meterOf(facts.meter)}`;
    });
    assert.equal(answer, textOf(expected), "who pays for what");
    if (this.#remembered.length > 0 && random.percent(50)) {
      const earlier = random.pick(this.#remembered);
      assert.equal(await this.#answer(earlier), earlier.answer, `who pays for what as of batch ${earlier.lastBatch}`);
    }
    this.#remembered.push({ ...now, answer });
  }

  async #answer({ lastBatch, knownUntilMs }: Omit<Remembered, "answer">): Promise<string> {
    const { context } = this.#world;
    const knowledge = await loadKnowledge(context, knownUntilMs);
    const { attribution } = knowledge;
    const scope = { from: FROM, to: this.#to, lastBatch };
    const cut = (from: Hour, to: Hour) => attribution.cuts(from, to);
    const sums = new Map<string, Sum>();
    for (const total of await classifiedTotals(context, knowledge, [scope], cut)) {
      const end = total.kind === "billed" ? this.#payerName(total.registration, total.payer) : total.reason;
      addTo(sums, `${end} ${this.#stampOf(total.registration)} ${total.meter}`, total.quantity, total.records);
    }
    return textOf(sums);
  }

  /** What is somebody's usage, as the totals tell it: also where rolled up days and days that are not meet. */
  async #usageTotals(random: Random): Promise<void> {
    const now = { asOfMs: this.#world.nowMs, time: random.pick(TIMES) };
    const answer = await this.#totalsAnswer(now);
    const expected = this.#model.sums(({ stamp, facts, waits }) => {
      const payer = waits ? undefined : this.#payers.payerOf(stamp, facts);
      if (payer === undefined) return undefined;
      return `${timeName(facts.hour, now.time)} ${payer} ${stamp} ${facts.local} ${meterOf(facts.meter)}`;
    });
    assert.equal(answer, textOf(expected), `totals by ${now.time ?? "all hours"}`);
    if (this.#totalsTold.length > 0 && random.percent(50)) {
      const earlier = random.pick(this.#totalsTold);
      assert.equal(await this.#totalsAnswer(earlier), earlier.answer, `totals as of ${formatInstant(earlier.asOfMs)}`);
    }
    this.#totalsTold.push({ ...now, answer });
  }

  async #totalsAnswer({ asOfMs, time }: Omit<TotalsTold, "answer">): Promise<string> {
    const query = { from: TOTALS_FROM, to: this.#to, by: TOTALS_BY, tag: "", time, asOfMs };
    const totals = await usageTotals(this.#world.context, query, SEES_ALL);
    const sums = new Map<string, Sum>();
    for (const { from, payer, dimensions, meter, quantity, records } of await totals.rows(ALL_TOTALS)) {
      const registration = dimensions.registration as RegistrationId;
      const name = `${this.#payerName(registration, payer!)} ${this.#stampOf(registration)}`;
      addTo(sums, `${timeName(from, time)} ${name} ${dimensions.localSubscription} ${meter}`, quantity, records);
    }
    return textOf(sums);
  }

  #payerName(registration: RegistrationId, payer: string): string {
    return this.#world.registrations[this.#stampOf(registration)].subscription === payer ? "registration" : payer;
  }

  /** A run of the month conserves, and its lines are what the model bills. */
  async #statements(random: Random): Promise<void> {
    const { context } = this.#world;
    const hour = Math.floor(this.#world.nowMs / HOUR_MS) - random.below(80);
    const period = monthOf(hour);
    const run = await runStatements(context, CALLER, parsePeriod(period));
    const { difference, metersUnequal } = run.conservation;
    assert.deepEqual([difference, metersUnequal, run.batchesNotCounted], [0, 0, 0], `conservation of ${period}`);
    const told = new Map<string, Sum>();
    for (const { reason, registration, meter, quantity, records } of [...run.parked, ...run.unpriced]) {
      addTo(told, `${reason} ${this.#stampOf(registration)} ${meter}`, quantity, records);
    }
    for (const { number } of await context.control.statements.list(period)) {
      const statement = await context.control.statements.find(number);
      const counted = new Set<string>();
      for (const { registration, meter, quantity, records } of statement!.lines) {
        const name = `${this.#payerName(registration, statement!.payer)} ${this.#stampOf(registration)} ${meter}`;
        // Lines of several tiers tell the same records.
        addTo(told, name, quantity, counted.has(name) ? 0 : records);
        counted.add(name);
      }
    }
    const expected = this.#model.sums(({ stamp, facts, waits }) => {
      if (monthOf(facts.hour) !== period) return undefined;
      const end = waits ? "Conflict" : this.#payers.endOf(stamp, facts);
      return `${end} ${stamp} ${meterOf(facts.meter)}`;
    });
    assert.equal(textOf(told), textOf(expected), `statements of ${period}`);
  }
}
