import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { FAULT_POINTS, type FaultPoint } from "../../src/lib/faultPoint.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf } from "../support/hubUsage.ts";
import { StubbornCaller } from "./caller.ts";
import { PLAN_VARIABLE, type Stop, VICTIMS } from "./plan.ts";

const PRELOAD = join(import.meta.dirname, "stopAtFaultPoint.ts");
const RECORDS = 20;
const EVENTS = 4;
const CONFLICTS = 2;
const LINES = RECORDS + EVENTS + CONFLICTS;
/** They lie in two months, so that each delivery is stored in two steps. */
const HOURS = ["2024-01-31T22:00:00Z", "2024-01-31T23:00:00Z", "2024-02-01T00:00:00Z", "2024-02-01T01:00:00Z"];
const WINDOW = '{"reportedStartTime":"2024-02-03T00:00:00Z","reportedEndTime":"2024-02-03T01:00:00Z",';

const hourOf = (i: number): string => HOURS[i % HOURS.length]!;
const record = (round: number, i: number, quantity: string): string =>
  WINDOW + hubRecord({ hour: hourOf(i), quantity, resource: `/round/${round}/${i}` }).slice(1);

const event = (round: number, i: number): string => {
  const [usageStartTime, usageEndTime] = [hourOf(i), hourOf(i).replace(":00:00Z", ":00:00Z")];
  const end = new Date(Date.parse(usageEndTime) + 3_600_000).toISOString();
  const data = { subscriptionId: ids.local, meterId: METER, resourceUri: "/event", usageStartTime, usageEndTime: end };
  const head = { specversion: "1.0", id: `${round} ${i}`, source: "/crash", type: "stampbook.usage.v1" };
  return JSON.stringify({ ...head, time: "2024-02-03T00:30:00Z", data: { ...data, quantity: "0.1" } });
};
const METER = "9cd92d4c-bafd-4492-b278-bedc2de8232a";

/** Records of both months, events, and at the end other versions of the first records. */
const linesOf = (round: number): readonly string[] => [
  ...Array.from({ length: RECORDS }, (_, i) => record(round, i, "0.1")),
  ...Array.from({ length: EVENTS }, (_, i) => event(round, i)),
  ...Array.from({ length: CONFLICTS }, (_, i) => record(round, i, "5")),
];

/** What a round has brought, in tenths: its records, and what of them waits. */
interface Expected {
  readonly billed: number;
  readonly parked: number;
  readonly records: number;
}
const DELIVERED: Expected = { billed: RECORDS + EVENTS, parked: CONFLICTS * 50, records: LINES };
/** One later version was chosen: it counts and the first one does not. */
const CHOSEN: Expected = { billed: RECORDS + EVENTS - 1 + 50, parked: (CONFLICTS - 1) * 50, records: LINES - 1 };

export interface MatrixReport {
  readonly kills: number;
  readonly cutOff: number;
  readonly starts: number;
}

/** A day is rolled up when nothing has touched it for ten minutes; test/sim cuts roll-ups off. */
const LATER: ReadonlySet<FaultPoint> = new Set(["roll-up: sums written"]);

/** Each point with each victim. Work that was left undone needs a server that left it. */
export const matrix: readonly (readonly Stop[])[] = FAULT_POINTS.filter((point) => !LATER.has(point)).flatMap((point) =>
  VICTIMS.map((who): readonly Stop[] =>
    point === "decision: taken up again"
      ? [
          { point: "decision: recorded", who: "server" },
          { point, who },
        ]
      : [{ point, who }],
  ),
);

/**
 * Kills the server or its engine at one point after the other while somebody delivers, withdraws, delivers again, chooses
 * and runs statements. After each kill all that was acknowledged is there, once, and what was not was done again.
 */
export class CrashMatrix {
  readonly #planFile = join(mkdtempSync(join(tmpdir(), "stampbook-crash-")), "plan.json");
  readonly #caller: StubbornCaller;
  readonly #rounds: Expected[] = [];
  readonly #batches: number[][] = [];
  #lastBatch = 0;
  kills = 0;

  constructor(dataFolder: string) {
    this.#plan([]);
    this.#caller = new StubbornCaller(dataFolder, { preload: PRELOAD, env: { [PLAN_VARIABLE]: this.#planFile } });
  }

  async open(): Promise<void> {
    await this.#caller.until(async (client) => {
      await client.putCatalogue([{ subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" }]);
      await client.register(NORTH, tokenOf("cloud"));
      await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);
    });
    await this.#round();
  }

  #plan(stops: readonly Stop[]): void {
    writeFileSync(this.#planFile, JSON.stringify(stops));
  }

  /** One round of work in which these stops happen. */
  async stop(stops: readonly Stop[]): Promise<void> {
    this.#plan(stops);
    const what = stops.map(({ point, who }) => `${who} at '${point}'`).join(", then ");
    try {
      await this.#round();
      assert.deepEqual(JSON.parse(readFileSync(this.#planFile, "utf8")), [], "stops that did not happen");
      this.kills += stops.length;
      await this.#check();
    } catch (cause) {
      throw new Error(`kill -9 of the ${what}: ${(cause as Error).message}`, { cause });
    }
  }

  async #round(): Promise<void> {
    const round = this.#rounds.length;
    await this.#deliver(round);
    if (round > 0) {
      for (const batch of this.#batches[round - 1]!) {
        await this.#caller.until(({ ledger }) => ledger.withdraw(batch, "crash test"));
      }
      this.#rounds[round - 1] = { billed: 0, parked: 0, records: 0 };
      await this.#deliver(round - 1);
    }
    await this.#choose(round);
    await this.#runStatements();
  }

  /** Delivers until it is acknowledged, and notes under which batches: whatever was stored of cut off ones counts. */
  async #deliver(round: number): Promise<void> {
    const { counts } = await this.#caller.until((client) => client.takeIn("north", asLines(linesOf(round))));
    assert.equal(counts.accepted + counts.conflict + counts.duplicate, LINES, "records acknowledged");
    this.#rounds[round] = DELIVERED;
    const batches = await this.#caller.until(({ ledger }) => ledger.batches({ registration: "north", limit: 50 }));
    const deliveries = batches.filter(({ batch, kind }) => batch > this.#lastBatch && kind === "delivery");
    this.#batches[round] = deliveries.map(({ batch }) => batch);
    this.#lastBatch = batches[0]!.batch;
  }

  async #choose(round: number): Promise<void> {
    const resource = `/round/${round}/0`;
    const conflicts = await this.#caller.until(({ ledger }) => ledger.conflicts({ registration: "north", limit: 500 }));
    const conflict = conflicts.find(({ resourceUri }) => resourceUri === resource);
    assert(conflict !== undefined, `the conflict of ${resource} is listed`);
    const version = conflict.versions.find(({ quantity }) => quantity === "5");
    assert(version !== undefined, `the later version of ${resource} is listed`);
    await this.#caller.until(({ ledger }) => ledger.choose(conflict.record, version.content, "crash test"));
    this.#rounds[round] = CHOSEN;
  }

  async #runStatements() {
    return [
      await this.#caller.until((client) => client.runStatements("2024-01")),
      await this.#caller.until((client) => client.runStatements("2024-02")),
    ];
  }

  /** What is stored is what was acknowledged: sums, records, conflicts and decisions. */
  async #check(): Promise<void> {
    const runs = await this.#runStatements();
    const sum = (side: "stored" | "billed" | "parked"): string =>
      formatDecimal(
        runs
          .flatMap(({ conservation }) => conservation.meters)
          .reduce((so, meter) => add(so, decimal(meter[side])), ZERO),
      );
    const of = (name: keyof Expected): number => this.#rounds.reduce((so, round) => so + round[name], 0);
    const tenths = (count: number): string => formatDecimal({ coefficient: BigInt(count), scale: 1 });
    assert.deepEqual([sum("billed"), sum("parked")], [tenths(of("billed")), tenths(of("parked"))], "billed and parked");
    const records = runs.reduce((so, { conservation }) => so + conservation.stored, 0);
    assert.equal(records, of("records"), "records stored");
    for (const { conservation, batchesNotCounted } of runs) {
      const { difference, metersUnequal } = conservation;
      assert.deepEqual([difference, metersUnequal, batchesNotCounted], [0, 0, 0], "conservation");
    }
    const batches = await this.#caller.until(({ ledger }) => ledger.batches({ limit: 50 }));
    assert.deepEqual(
      batches.filter(({ finishedAt }) => finishedAt === null),
      [],
      "batches without an end",
    );
  }

  async close(): Promise<MatrixReport> {
    assert.equal(await this.#caller.close(), 0, "the server ends in order");
    return { kills: this.kills, cutOff: this.#caller.cutOff, starts: this.#caller.starts };
  }
}
