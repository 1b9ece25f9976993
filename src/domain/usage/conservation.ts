import { add, type Decimal, decimal, formatDecimal, isZero, subtract, ZERO } from "../../lib/decimal.ts";
import type { MeterId, RegistrationId } from "../ids.ts";
import type { StoredTotal } from "./store.ts";

/** Quantity and records of one registration and meter. */
export interface ConservedSum {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

/** Usage that waits; `reason` says for what. */
export interface ParkedSum extends ConservedSum {
  readonly reason: string;
}

interface Side {
  readonly quantity: string;
  readonly records: number;
}

/** One registration's usage on one meter: stored = attributed + parked, exactly (design rule 7). */
export interface ConservedMeter {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly stored: Side;
  /** It counts, its meter is known, and somebody pays for it, or nobody has to by rule. */
  readonly attributed: Side;
  readonly parked: Side;
  readonly parkedBy: Readonly<Record<string, Side>>;
  /** Anything but 0 is a defect. */
  readonly difference: Side;
}

interface Running {
  readonly quantity: Decimal;
  readonly records: number;
}

const NOTHING: Running = { quantity: ZERO, records: 0 };

const plus = (side: Running, { quantity, records }: Side): Running => ({
  quantity: add(side.quantity, decimal(quantity)),
  records: side.records + records,
});

const told = ({ quantity, records }: Running): Side => ({ quantity: formatDecimal(quantity), records });

/**
 * @param stored what the store holds, read apart from the other two
 * @returns by registration and meter
 */
export function conserve(
  stored: readonly StoredTotal[],
  attributed: readonly ConservedSum[],
  parked: readonly ParkedSum[],
): readonly ConservedMeter[] {
  const lines = new Map<string, Pick<ConservedSum, "registration" | "meter"> & { sides: Map<string, Running> }>();
  const post = (side: string, sum: ConservedSum): void => {
    const { registration, meter } = sum;
    const key = `${String(registration).padStart(12, "0")} ${meter}`;
    const line = lines.get(key) ?? { registration, meter, sides: new Map<string, Running>() };
    line.sides.set(side, plus(line.sides.get(side) ?? NOTHING, sum));
    lines.set(key, line);
  };
  for (const sum of stored) post("stored", sum);
  for (const sum of attributed) post("attributed", sum);
  for (const sum of parked) {
    post("parked", sum);
    post(`parked ${sum.reason}`, sum);
  }
  const ordered = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([, { registration, meter, sides }]) => {
    const side = (name: string): Running => sides.get(name) ?? NOTHING;
    const [has, paid, waits] = [side("stored"), side("attributed"), side("parked")];
    const reasons = [...sides].filter(([name]) => name.startsWith("parked ")).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      registration,
      meter,
      stored: told(has),
      attributed: told(paid),
      parked: told(waits),
      parkedBy: Object.fromEntries(reasons.map(([name, so]) => [name.slice("parked ".length), told(so)])),
      difference: told({
        quantity: subtract(has.quantity, add(paid.quantity, waits.quantity)),
        records: has.records - paid.records - waits.records,
      }),
    };
  });
}

/** Whether nothing is lost. */
export const isConserved = ({ difference }: ConservedMeter): boolean =>
  isZero(decimal(difference.quantity)) && difference.records === 0;
