import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { PARKED_REASONS } from "../domain/statement/classify.ts";
import { LIMITS } from "../domain/limits.ts";
import type { IntakeCounts } from "../domain/usage/batch.ts";
import { formatDecimal } from "../lib/decimal.ts";
import { type Clock, SECOND_MS } from "../lib/instant.ts";
import type { Metrics, UsageSeen } from "../operations/context.ts";
import type { ParkedGroup } from "../operations/usage/parked.ts";

/** Seconds that a batch takes: from a single record to the longest body. */
const INTAKE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What a server counts of usage, in the form that Prometheus reads. Numbers here are for watching, not for billing. */
export class UsageMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #clock: Clock;
  readonly #batches: Counter;
  readonly #records: Counter;
  readonly #seconds: Histogram;
  readonly #parkedRecords: Gauge;
  readonly #parkedQuantity: Gauge;
  readonly #amountAtStake: Gauge;
  readonly #hoursMissing: Gauge;
  readonly #reportedUntil: Gauge;
  /** When what is parked was last looked for; the look goes through all usage. */
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    const registers = [this.#registry];
    this.#batches = new Counter({
      name: "stampbook_usage_batches_total",
      help: "Deliveries of usage that were taken in since the start.",
      registers,
    });
    this.#records = new Counter({
      name: "stampbook_usage_records_total",
      help: "Records that were judged since the start, by outcome.",
      labelNames: ["outcome"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "stampbook_usage_intake_seconds",
      help: "From the beginning of a delivery until all of it is durable.",
      buckets: INTAKE_SECONDS,
      registers,
    });
    this.#parkedRecords = new Gauge({
      name: "stampbook_usage_parked_records",
      help: "Records that wait for somebody, by reason.",
      labelNames: ["reason"],
      registers,
    });
    this.#parkedQuantity = new Gauge({
      name: "stampbook_usage_parked_quantity",
      help: "What they add up to, by reason and unit.",
      labelNames: ["reason", "unit"],
      registers,
    });
    this.#amountAtStake = new Gauge({
      name: "stampbook_usage_parked_amount",
      help: "What parked usage would cost at the first tier, where there is a price.",
      labelNames: ["reason", "currency"],
      registers,
    });
    const labelNames = ["registration", "name"];
    this.#hoursMissing = new Gauge({
      name: "stampbook_stamp_hours_missing",
      help: "Hours of the last seven days without any usage, from the first hour that the stamp reported on.",
      labelNames,
      registers,
    });
    this.#reportedUntil = new Gauge({
      name: "stampbook_stamp_reported_until_timestamp_seconds",
      help: "End of the newest reported window that was delivered, as a Unix time.",
      labelNames,
      registers,
    });
  }

  takenIn(counts: IntakeCounts, durationMs: number): void {
    this.#batches.inc();
    this.#seconds.observe(durationMs / SECOND_MS);
    for (const [outcome, count] of Object.entries(counts)) this.#records.inc({ outcome }, count);
  }

  /** @param look looks for what is parked and missing; asked at most once in `metricsParkedMsMin` */
  async text(look: () => Promise<UsageSeen>): Promise<{ readonly body: string; readonly contentType: string }> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#lookedAtMs >= LIMITS.metricsParkedMsMin) {
      this.#show(await look());
      this.#lookedAtMs = nowMs;
    }
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  #show({ groups, unitOf, stamps }: UsageSeen): void {
    for (const gauge of [this.#hoursMissing, this.#reportedUntil]) gauge.reset();
    for (const { registration, name, hoursMissing, reportedUntilMs } of stamps) {
      this.#hoursMissing.set({ registration, name }, hoursMissing);
      if (reportedUntilMs !== undefined) this.#reportedUntil.set({ registration, name }, reportedUntilMs / SECOND_MS);
    }
    for (const gauge of [this.#parkedRecords, this.#parkedQuantity, this.#amountAtStake]) gauge.reset();
    // Nothing is a number too: an alert on it must not lose its series.
    for (const reason of PARKED_REASONS) this.#parkedRecords.set({ reason }, 0);
    for (const group of groups) {
      const { reason, quantity, records, atStake } = group;
      this.#parkedRecords.inc({ reason }, records);
      this.#parkedQuantity.inc({ reason, unit: unitOf(group) }, numberOf(quantity));
      if (typeof atStake === "string") continue;
      this.#amountAtStake.inc({ reason, currency: atStake.currency }, numberOf(atStake.amount));
    }
  }
}

const numberOf = (value: ParkedGroup["quantity"]): number => Number(formatDecimal(value));
