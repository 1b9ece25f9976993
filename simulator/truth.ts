import { METERS } from "../src/domain/usage/meterCatalogue.ts";
import { hourStartMs, type MeterId, type SubscriptionId } from "../src/domain/ids.ts";
import { type Decimal, decimal } from "../src/lib/decimal.ts";
import { HOUR_MS } from "../src/lib/instant.ts";
import type { LocalSubscriptionOfStamp, Stamp, StampName } from "./stamps.ts";
import type { UsageRow } from "./reading.ts";
import { windowsOfRows } from "./usage.ts";
import type { MappingStep, World } from "./world.ts";

interface ExpectedCounts {
  /** Records as first read, those with an unknown local subscription or meter among them. */
  readonly distinct: number;
  /** Read again, the same. */
  readonly duplicates: number;
  /** Read again with another quantity. The first reading counts. */
  readonly conflicts: number;
  readonly unknownLocalSubscription: number;
  readonly unknownMeter: number;
}

interface SubscriptionTotal {
  readonly stamp: StampName;
  readonly localSubscription: LocalSubscriptionOfStamp["localSubscription"];
  readonly meter: MeterId;
  readonly quantity: Decimal;
}

interface PayerTotal {
  readonly payer: SubscriptionId;
  readonly stamp: StampName;
  readonly meter: MeterId;
  readonly quantity: Decimal;
}

export interface ExpectedTotals {
  readonly counts: ExpectedCounts;
  /** Of everything reported, that of the unknown local subscription too. */
  readonly bySubscription: readonly SubscriptionTotal[];
  /** Without the unknown local subscription: nobody is known to pay for it. */
  readonly byPayer: readonly PayerTotal[];
}

/** A sum in the making, in 1/10^SCALE. A double's text has no more decimals: 17 digits, and the smallest is 1 byte. */
interface RunningTotal<Key> {
  readonly key: Key;
  coefficient: bigint;
}
type Totals<Key> = Map<string, RunningTotal<Key>>;

const SCALE = 40;
const COEFFICIENTS_KEPT_MAX = 50_000;

/**
 * What a correct ledger says about the world. It shares only the exact decimals and the list of meters with the
 * product: who pays is read from the mapping steps again, in the plainest way. Memory grows with tenants, not records.
 */
export function expectedTotals(world: World): ExpectedTotals {
  const counts = { distinct: 0, duplicates: 0, conflicts: 0, unknownLocalSubscription: 0, unknownMeter: 0 };
  const bySubscription: Totals<Omit<SubscriptionTotal, "quantity">> = new Map();
  const byPayer: Totals<Omit<PayerTotal, "quantity">> = new Map();
  const coefficientOf = createCoefficients();
  for (const stamp of world.stamps) {
    const payerOf = createPayers(world, stamp);
    for (const { repeat, rows } of windowsOfRows(world, stamp)) {
      for (const row of rows) {
        if (repeat) {
          counts[row.conflicting ? "conflicts" : "duplicates"] += 1;
          continue;
        }
        const { localSubscription, tenant } = row.resource;
        const { meter } = row.meter;
        const coefficient = coefficientOf(row.quantityText);
        counts.distinct += 1;
        if (!METERS.has(meter)) counts.unknownMeter += 1;
        addTo(bySubscription, { stamp: stamp.name, localSubscription, meter }, coefficient);
        if (tenant === null) counts.unknownLocalSubscription += 1;
        else addTo(byPayer, { payer: payerOf(row), stamp: stamp.name, meter }, coefficient);
      }
    }
  }
  return { counts, bySubscription: finish(bySubscription), byPayer: finish(byPayer) };
}

/** Many quantities come again and again; the memory of them is emptied when it gets big. */
function createCoefficients(): (text: string) => bigint {
  const known = new Map<string, bigint>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const { coefficient, scale } = decimal(text);
    const scaled = coefficient * 10n ** BigInt(SCALE - scale);
    if (known.size >= COEFFICIENTS_KEPT_MAX) known.clear();
    known.set(text, scaled);
    return scaled;
  };
}

function addTo<Key extends object>(totals: Totals<Key>, key: Key, coefficient: bigint): void {
  const text = Object.values(key).join("/");
  const total = totals.get(text);
  if (total === undefined) totals.set(text, { key, coefficient });
  else total.coefficient += coefficient;
}

const finish = <Key>(totals: Totals<Key>): readonly (Key & { readonly quantity: Decimal })[] =>
  [...totals.values()].map(({ key, coefficient }) => ({ ...key, quantity: { coefficient, scale: SCALE } }));

/** An hour belongs to the last step at or before its start; without one the stamp's own subscription pays. */
function createPayers(world: World, stamp: Stamp): (row: UsageRow) => SubscriptionId {
  const steps = new Map<string, MappingStep[]>();
  for (const step of world.mappingSteps) {
    if (step.stamp !== stamp.name) continue;
    const ofTenant = steps.get(step.tenant);
    if (ofTenant === undefined) steps.set(step.tenant, [step]);
    else ofTenant.push(step);
  }
  const periodStartMs = hourStartMs(world.period.from);
  return ({ resource, hour }) => {
    const startMs = periodStartMs + hour * HOUR_MS;
    const last = steps.get(resource.tenant ?? "")?.findLast(({ atMs }) => atMs <= startMs);
    return last?.customerSubscription ?? stamp.scope.subscription;
  };
}
