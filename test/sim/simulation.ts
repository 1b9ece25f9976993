import assert from "node:assert/strict";
import type { Fault } from "../../src/domain/faults/fault.ts";
import { armFaultPoints } from "../../src/lib/faultPoint.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/lib/instant.ts";
import { mapTenant } from "../../src/operations/tenants/map.ts";
import { unmapTenant } from "../../src/operations/tenants/unmap.ts";
import { putLocalSubscriptions } from "../../src/operations/localSubscriptions/put.ts";
import { tenantId, localSubscriptionId } from "../../src/domain/ids.ts";
import { chooseVersion, withdrawBatch } from "../../src/operations/usage/decide.ts";
import { takeIn, type RecordOutcome } from "../../src/operations/usage/intake.ts";
import { rollUp } from "../../src/operations/usage/rollUp.ts";
import type { UsageFormat } from "../../src/operations/usage/items.ts";
import { Auditor, findVersion } from "./auditor.ts";
import { contentOf, type Facts, keyOf, localsOf, monthOf, otherContent, randomFacts } from "./facts.ts";
import { STAMPS, type Stamp, TENANTS, textOf } from "./facts.ts";
import { Model } from "./model.ts";
import { customersOf, Payers } from "./payers.ts";
import { Random } from "./random.ts";
import { CALLER, type Lost, type World } from "./world.ts";

/** What a delivery brought, so that it can be sent again. */
interface Delivery {
  readonly stamp: Stamp;
  readonly facts: readonly Facts[];
  readonly batch: number;
  withdrawn: boolean;
}

const CUT_OFF = new Error("cut off by the simulation");
const LOST: readonly Lost[] = ["nothing stored", "all stored", "one month stored"];
/** Of the last deliveries one is sent again, withdrawn or varied. */
const REMEMBERED_DELIVERIES = 100;
/** How many of the last steps a failure tells. */
const TOLD_STEPS = 12;

/** Random work on a real Stampbook and on the model, step by step, with an auditor that compares. */
export class Simulation {
  readonly #world: World;
  readonly #random: Random;
  readonly #model = new Model();
  readonly #payers = new Payers();
  readonly #auditor: Auditor;
  /** Apart, so that how often is audited does not change what is done. */
  readonly #auditing: Random;
  readonly #deliveries: Delivery[] = [];
  readonly #cameAnew = new Set<number>();
  readonly #told: string[] = [];
  readonly counts: Record<string, number> = {};

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#random = new Random(seed);
    this.#auditing = new Random(seed ^ 0x5eed);
    this.#auditor = new Auditor(world, this.#model, this.#payers);
  }

  get lastSteps(): readonly string[] {
    return this.#told;
  }

  /**
   * What is said of each record and decision is compared in each step.
   * @param fullEvery after so many steps everything else is compared too, and five times as often the sums
   */
  async run(steps: number, fullEvery: number): Promise<void> {
    const sumsEvery = Math.ceil(fullEvery / 5);
    for (let step = 1; step <= steps; step += 1) {
      this.#world.nowMs += (1 + this.#random.below(40)) * MINUTE_MS;
      await this.#step(step);
      if (step % sumsEvery === 0) await this.#auditor.sums();
      if (step % fullEvery === 0 || step === steps) await this.#auditor.everything(this.#auditing);
    }
  }

  #tell(step: number, kind: string, what: unknown): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.#told.push(`${step}. ${kind} ${JSON.stringify(what)}`);
    if (this.#told.length > TOLD_STEPS) this.#told.shift();
  }

  async #step(step: number): Promise<void> {
    const draw = this.#random.below(1_000);
    if (draw < 5) return await this.#killEngine(step);
    if (draw < 7) return await this.#restart(step);
    if (draw < 27) return await this.#rollUp(step);
    if (draw < 85) return await this.#mapOrUnmap(step);
    if (draw < 150) return await this.#putLocal(step);
    if (draw < 210) return await this.#withdraw(step);
    if (draw < 270) return await this.#choose(step);
    if (draw < 330) return await this.#sendWaiting(step);
    if (draw < 520 && this.#deliveries.length > 0) return await this.#sendAgain(step);
    const stamp = this.#random.pick(STAMPS);
    await this.#deliver(step, stamp, this.#newRecords(stamp));
  }

  async #killEngine(step: number): Promise<void> {
    this.#tell(step, "kill the engine", null);
    await this.#world.killEngine();
  }

  async #rollUp(step: number): Promise<void> {
    const isCutOff = this.#random.percent(40);
    this.#tell(step, isCutOff ? "roll up, cut off" : "roll up", null);
    // As a crash leaves it: the sums are written, and nobody has noted that they are. Other stores' may be hit as well.
    if (isCutOff) {
      armFaultPoints((point) => {
        if (point === "roll-up: sums written") throw CUT_OFF;
      });
    }
    try {
      await rollUp(this.#world.context);
    } catch (error) {
      if (error !== CUT_OFF) throw error;
    } finally {
      if (isCutOff) armFaultPoints(() => undefined);
    }
  }

  async #restart(step: number): Promise<void> {
    this.#tell(step, "restart", null);
    await this.#world.restart();
  }

  /** New ones, and variants of each other. */
  #newRecords(stamp: Stamp): readonly Facts[] {
    const facts: Facts[] = [];
    // Mostly a delivery is of one sort; events cost the store an insert more.
    const eventsPercent = this.#random.pick([0, 0, 0, 0, 0, 40, 100]);
    for (let left = 1 + this.#random.below(6); left > 0; left -= 1) {
      const isVariant = facts.length > 0 && this.#random.percent(25);
      const { nowMs } = this.#world;
      facts.push(
        isVariant
          ? otherContent(this.#random, this.#random.pick(facts), nowMs)
          : randomFacts(this.#random, { stamp, nowMs, isEvent: this.#random.percent(eventsPercent) }),
      );
    }
    return facts;
  }

  /** One of the last deliveries, rather a late one than an early one. */
  #recent(wanted: (delivery: Delivery) => boolean): Delivery | undefined {
    const among = this.#deliveries.filter(wanted);
    return among.at(-1 - this.#random.below(1 + this.#random.below(Math.max(1, among.length))));
  }

  /** Versions that wait, rather those of which no other version counts any more. */
  async #sendWaiting(step: number): Promise<void> {
    const stamp = this.#random.pick(STAMPS);
    const living = [...this.#model.living()].filter((so) => so.stamp === stamp);
    const counting = new Set(living.filter(({ waits }) => !waits).map(({ key }) => key));
    const waiting = living.filter(({ waits }) => waits);
    const orphans = waiting.filter(({ key }) => !counting.has(key));
    const among = this.#random.shuffled(orphans.length > 0 ? orphans : waiting).slice(0, 3);
    if (among.length === 0) return;
    for (const { key, delivery } of among) if (!counting.has(key)) this.#cameAnew.add(delivery);
    const facts = among.map((so) => so.facts);
    await this.#deliver(step, stamp, facts);
  }

  /** An earlier delivery, whole or in part, in order or not, as it was or with other content here and there. */
  async #sendAgain(step: number): Promise<void> {
    const { stamp, facts } = this.#recent(() => true)!;
    const part = this.#random.percent(40) ? facts.filter(() => this.#random.percent(60)) : facts;
    const ordered = this.#random.percent(30) ? this.#random.shuffled(part) : part;
    const { nowMs } = this.#world;
    const varied = ordered.map((so) => (this.#random.percent(15) ? otherContent(this.#random, so, nowMs) : so));
    await this.#deliver(step, stamp, varied);
  }

  async #deliver(step: number, stamp: Stamp, facts: readonly Facts[]): Promise<void> {
    const lost = this.#random.percent(6) ? this.#random.pick(LOST) : undefined;
    const isCutOff = lost === undefined && this.#random.percent(2);
    this.#tell(step, lost === undefined ? "deliver" : `deliver, ${lost}`, {
      stamp,
      facts,
      ...(isCutOff ? { isCutOff } : {}),
    });
    const texts = facts.map((so) => textOf(so, this.#random));
    const [format, body] = bodyOf(texts, facts, this.#random);
    const outcomes: RecordOutcome[] = [];
    this.#world.loseNext(lost);
    const taking = takeIn(this.#world.context, CALLER, {
      registration: this.#world.registrations[stamp],
      format,
      window: undefined,
      body: isCutOff ? brokenOff(body) : whole(body),
      onOutcomes: async (so) => void outcomes.push(...so),
    });
    const batch = this.#auditor.nextBatch();
    const expected = this.#expected(stamp, facts, batch, isCutOff ? "nothing stored" : lost);
    if (isCutOff || (lost !== undefined && expected.stores)) {
      await assert.rejects(taking, isCutOff ? /gone/ : (error) => (error as Fault).code === "UsageEngineUnavailable");
    } else {
      const { batch: given } = await taking;
      assert.equal(given, batch, "number of the batch");
      assert.deepEqual(outcomes.map(plain), expected.outcomes, "outcomes of the records");
    }
    this.#world.loseNext(undefined);
    this.#deliveries.push({ stamp, facts, batch, withdrawn: false });
    if (this.#deliveries.length > REMEMBERED_DELIVERIES) this.#deliveries.shift();
  }

  /** Brings the model to where a delivery leaves the store, and says what it answers. */
  #expected(stamp: Stamp, facts: readonly Facts[], batch: number, lost: Lost | undefined) {
    // What would be stored, tried on a copy: only then is it known which month comes first.
    const trial = this.#model.copy();
    const judged = facts.map((so) => {
      const { outcome, afterWithdrawal } = trial.judge(stamp, so);
      if (outcome !== "duplicate") trial.store(stamp, so, batch, outcome);
      return { so, outcome, afterWithdrawal };
    });
    const stored = judged.flatMap(({ so, outcome }) => (outcome === "duplicate" ? [] : [{ so, outcome }]));
    const month = stored[0] && monthOf(stored[0].so.hour);
    for (const { so, outcome } of stored) {
      if (lost === "nothing stored" || (lost === "one month stored" && monthOf(so.hour) !== month)) continue;
      this.#model.store(stamp, so, batch, outcome);
    }
    const outcomes = judged.map(({ so, outcome, afterWithdrawal }, i) => {
      const reason = outcome === "accepted" ? this.#payers.waitsFor(stamp, so) : undefined;
      if (reason !== undefined) return `${i + 1} parked ${reason}`;
      const after = outcome === "accepted" && afterWithdrawal > 0 ? ` after ${afterWithdrawal}` : "";
      return `${i + 1} ${outcome}${after}`;
    });
    return { outcomes, stores: stored.length > 0 };
  }

  async #mapOrUnmap(step: number): Promise<void> {
    const stamp = this.#random.pick(["north", "south"] as const);
    const tenant = this.#random.pick(TENANTS);
    const nextHour = Math.ceil(this.#world.nowMs / HOUR_MS);
    const { subscription, resourceGroup, name } = this.#world.registrations[stamp];
    const scope = { subscription, resourceGroup, name };
    const mapped = this.#payers.mapped(stamp, tenant);
    if (mapped !== undefined && this.#random.percent(30)) {
      this.#tell(step, "unmap", { stamp, tenant });
      assert.equal(await unmapTenant(this.#world.context, CALLER, { scope, customerSubscription: mapped }), true);
      this.#payers.map({ stamp, tenant, customer: undefined }, nextHour);
      return;
    }
    const customer = this.#random.pick(customersOf(tenant));
    this.#tell(step, "map", { stamp, tenant, customer });
    await mapTenant(this.#world.context, CALLER, { scope, customerSubscription: customer });
    this.#payers.map({ stamp, tenant, customer }, nextHour);
  }

  async #putLocal(step: number): Promise<void> {
    const stamp = this.#random.pick(STAMPS);
    const [local, tenant] = [this.#random.pick(localsOf(stamp)), this.#random.pick(TENANTS)];
    const nextHour = Math.ceil(this.#world.nowMs / HOUR_MS);
    const from = this.#random.percent(50) ? nextHour - this.#random.below(20) : undefined;
    this.#tell(step, "local subscription", { stamp, local, tenant, from });
    const { id } = this.#world.registrations[stamp];
    await putLocalSubscriptions(this.#world.context, CALLER, this.#world.registrations[stamp], [
      {
        registration: id,
        localSubscription: localSubscriptionId(local)!,
        tenant: tenantId(tenant)!,
        owner: "",
        offer: "",
        displayName: "",
        state: "Enabled",
        validFromMs: from === undefined ? undefined : from * HOUR_MS,
      },
    ]);
    this.#payers.putLocal({ stamp, local, tenant, from }, nextHour);
  }

  /**
   * One of the last; or one that leaves other versions of its records waiting alone; or one whose version waited alone
   * and came anew, so that entries of two deliveries say the same.
   */
  #toWithdraw(): Delivery | undefined {
    const living = [...this.#model.living()];
    const waiting = new Set(living.filter(({ waits }) => waits).map(({ stamp, key }) => `${stamp} ${key}`));
    const leaving = living.filter(({ stamp, key, waits }) => !waits && waiting.has(`${stamp} ${key}`));
    const wanted = this.#random.pick([[], leaving.map(({ delivery }) => delivery), [...this.#cameAnew]]);
    const batches = new Set(wanted);
    const isOpen = ({ withdrawn }: Delivery): boolean => !withdrawn;
    const among = this.#deliveries.filter((so) => isOpen(so) && batches.has(so.batch));
    return among.length > 0 ? this.#random.pick(among) : this.#recent(isOpen);
  }

  async #withdraw(step: number): Promise<void> {
    const delivery = this.#toWithdraw();
    if (delivery === undefined) return;
    const { stamp, batch } = delivery;
    this.#tell(step, "withdraw", { stamp, batch });
    delivery.withdrawn = true;
    const withdraw = () => withdrawBatch(this.#world.context, CALLER, { batch, reason: "simulated" });
    const { id, ended } = await this.#perhapsLost(withdraw);
    assert.equal(id, this.#auditor.nextBatch(), "number of the withdrawal");
    assert.equal(ended, this.#model.withdraw(stamp, batch, id), "versions that the withdrawal ended");
  }

  /** A decision whose answer may be lost once; asked for again, it is finished and not made twice. */
  async #perhapsLost<Answer>(decide: () => Promise<Answer>): Promise<Answer> {
    if (this.#random.percent(15)) {
      this.#world.loseNext(this.#random.pick(["nothing stored", "all stored"]));
      await assert.rejects(decide(), (error) => (error as Fault).code === "UsageEngineUnavailable");
    }
    return await decide();
  }

  async #choose(step: number): Promise<void> {
    const waiting = [...this.#model.living()].filter(({ waits }) => waits);
    if (waiting.length === 0) return;
    const { stamp, key } = this.#random.pick(waiting);
    const versions = [...this.#model.living()].filter((so) => so.stamp === stamp && so.key === key);
    const { facts } = this.#random.pick(versions);
    this.#tell(step, "choose", { stamp, facts });
    const { id } = this.#world.registrations[stamp];
    const { record, content } = await findVersion(this.#world.context, id, facts);
    const choose = () => chooseVersion(this.#world.context, CALLER, { record, content, reason: "simulated" });
    await this.#perhapsLost(choose);
    this.#auditor.nextBatch();
    this.#model.choose(stamp, keyOf(facts), contentOf(facts));
  }
}

const plain = (outcome: RecordOutcome): string => {
  const { position } = outcome;
  if (outcome.outcome === "parked") return `${position} parked ${outcome.reason}`;
  if (outcome.outcome === "rejected") return `${position} rejected ${outcome.fault.message}`;
  const after = outcome.outcome === "accepted" ? outcome.afterWithdrawal : undefined;
  return `${position} ${outcome.outcome}${after === undefined ? "" : ` after ${after}`}`;
};

function bodyOf(texts: readonly string[], facts: readonly Facts[], random: Random): [UsageFormat, string] {
  if (random.percent(60)) return ["ndjson", `${texts.join("\n")}\n`];
  if (facts.every(({ event }) => event === undefined)) return ["page", `{"value":[${texts.join(",")}]}`];
  return facts.every(({ event }) => event !== undefined)
    ? ["events", `[${texts.join(",")}]`]
    : ["ndjson", texts.join("\n")];
}

async function* whole(body: string): AsyncGenerator<Buffer> {
  yield Buffer.from(body);
}

/** The sender goes away in the middle. */
async function* brokenOff(body: string): AsyncGenerator<Buffer> {
  yield Buffer.from(body.slice(0, body.length / 2));
  throw new Error("the sender has gone");
}
