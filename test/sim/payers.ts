import { CUSTOMERS, type Facts, METERS, type Stamp, TENANTS } from "./facts.ts";
import { guid } from "../../src/lib/prng.ts";

interface Change {
  readonly from: number;
  readonly value: string | undefined;
}

/** A fact that changes at hours: the last recorded change with the latest hour counts. */
class Timeline {
  readonly #changes: Change[] = [];

  at(hour: number): string | undefined {
    let so: Change | undefined;
    for (const change of this.#changes) {
      if (change.from <= hour && (so === undefined || change.from >= so.from)) so = change;
    }
    return so?.value;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  add(from: number, value: string | undefined): void {
    if (this.at(from) !== value) this.#changes.push({ from, value });
  }
}

/** Customer subscriptions of a tenant. */
export const customersOf = (tenant: string): readonly string[] => {
  const i = TENANTS.indexOf(tenant);
  return [CUSTOMERS[i]!, guid(21, i)];
};

export interface LocalChange {
  readonly stamp: Stamp;
  readonly local: string;
  readonly tenant: string;
  /** Undefined: from the next whole hour, or from the beginning for one that was never seen. */
  readonly from: number | undefined;
}

export interface MappingChange {
  readonly stamp: Stamp;
  readonly tenant: string;
  /** Undefined ends the mapping. */
  readonly customer: string | undefined;
}

/** Who pays for what, in the plainest words. */
export class Payers {
  readonly #tenants = new Map<string, Timeline>();
  readonly #mappings = new Map<string, Timeline>();

  #timeline(of: Map<string, Timeline>, name: string): Timeline {
    return of.get(name) ?? of.set(name, new Timeline()).get(name)!;
  }

  putLocal({ stamp, local, tenant, from }: LocalChange, nextHour: number): void {
    const timeline = this.#timeline(this.#tenants, `${stamp} ${local}`);
    timeline.add(from ?? (timeline.isEmpty ? 0 : nextHour), tenant);
  }

  map({ stamp, tenant, customer }: MappingChange, nextHour: number): void {
    this.#timeline(this.#mappings, `${stamp} ${tenant}`).add(nextHour, customer);
  }

  mapped(stamp: Stamp, tenant: string): string | undefined {
    return this.#timeline(this.#mappings, `${stamp} ${tenant}`).at(Number.POSITIVE_INFINITY);
  }

  /** Where usage that is not in conflict ends up: why it waits, why it has no price, or who pays. */
  endOf(stamp: Stamp, facts: Facts): string {
    const { local, meter, hour } = facts;
    const payer = this.payerOf(stamp, facts);
    if (this.#tenantOf(stamp, local, hour) === undefined) return "UnknownLocalSubscription";
    if (payer === undefined) return "UnknownMeter";
    if (stamp === "capacity") return "BillingModel";
    if (isOneOf(METERS.free, meter)) return "FreeOfCharge";
    return payer;
  }

  #tenantOf(stamp: Stamp, local: string, hour: number): string | undefined {
    return this.#timeline(this.#tenants, `${stamp} ${local}`).at(hour);
  }

  /** Whose usage it is, whether or not there is anything to pay for it; undefined where nobody knows. */
  payerOf(stamp: Stamp, { local, meter, hour }: Facts): string | undefined {
    const tenant = this.#tenantOf(stamp, local, hour);
    if (tenant === undefined || isOneOf(METERS.unknown, meter)) return undefined;
    return this.#timeline(this.#mappings, `${stamp} ${tenant}`).at(hour) ?? "registration";
  }

  /** Why a new record waits: at intake only the first hour of a local subscription counts. */
  waitsFor(stamp: Stamp, facts: Facts): string | undefined {
    const end = this.endOf(stamp, facts);
    return end.startsWith("Unknown") ? end : undefined;
  }
}

const isOneOf = (meters: readonly string[], meter: string): boolean => meters.includes(meter);
