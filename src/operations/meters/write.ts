import { Fault } from "../../domain/faults/fault.ts";
import { BEGINNING, History, nextEffectiveHour } from "../../domain/history.ts";
import { formatMeter, type Hour, hourFrom, type MeterId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { METERS, type MeterFacts } from "../../domain/usage/meterCatalogue.ts";
import type { MeterMapping, MeterMappingChange, OperatorMeterChange } from "../../domain/usage/operatorMeter.ts";
import { formatFraction } from "../../lib/fraction.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

interface Decision {
  readonly meter: MeterId;
  readonly reason: string;
  /** Undefined: from the beginning for what was unknown, else from the next whole hour. */
  readonly validFromMs: number | undefined;
}

type Change = Pick<OperatorMeterChange, "effectiveHour" | "id" | "recordedAtMs" | "recordedBy">;

function hourOfDecision(
  history: History<Change>,
  isNews: boolean,
  validFromMs: number | undefined,
  nowMs: number,
): Hour {
  if (validFromMs !== undefined) return hourFrom(validFromMs);
  return isNews ? BEGINNING : nextEffectiveHour(history.last?.effectiveHour, hourFrom(nowMs));
}

/**
 * Adds a meter, or changes what is known of one that was added. Usage of its hours that waited for it is billable then.
 * False when it is so already.
 * @throws Fault MeterIsBuiltIn, OperatorMetersTooMany
 */
export async function putMeter(
  { control, clock }: Context,
  caller: Caller,
  { meter, reason, validFromMs }: Decision,
  facts: MeterFacts,
): Promise<boolean> {
  if (METERS.has(meter)) throw new Fault("MeterIsBuiltIn", { meter: formatMeter(meter) });
  const atMs = clock.now();
  return await control.transaction(async ({ meters, audit }) => {
    const changes = (await meters.changes()).meters;
    const history = new History(changes.filter((change) => change.meter === meter));
    const others = new Set(changes.map((change) => change.meter));
    if (!others.has(meter) && others.size >= LIMITS.operatorMetersMax) {
      throw new Fault("OperatorMetersTooMany", { max: LIMITS.operatorMetersMax });
    }
    const effectiveHour = hourOfDecision(history, history.last === undefined, validFromMs, atMs);
    const before = history.at(effectiveHour);
    const shown = ({ name, resourceProvider, unit, focus }: MeterFacts) => ({ name, resourceProvider, unit, ...focus });
    if (before !== undefined && JSON.stringify(shown(before)) === JSON.stringify(shown(facts))) return false;
    await meters.addMeter({ meter, ...facts, reason, effectiveHour, recordedAtMs: atMs, recordedBy: caller.name });
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/meters/write",
      target: formatMeter(meter),
      outcome: "done",
      detail: { before: before === undefined ? null : shown(before), after: shown(facts), effectiveHour, reason },
    });
    return true;
  });
}

/**
 * Says which commerce meter prices a meter from an hour on, and with which factor; null takes the price sheet's own
 * mapping again. False when it is so already.
 */
export async function mapMeter(
  { control, clock }: Context,
  caller: Caller,
  { meter, reason, validFromMs }: Decision,
  mapping: MeterMapping | null,
): Promise<boolean> {
  const atMs = clock.now();
  return await control.transaction(async ({ meters, audit }) => {
    const changes = await meters.changes();
    const history = new History<MeterMappingChange>(changes.mappings.filter((change) => change.meter === meter));
    // A meter that the catalogue has was priced in another way until now: its past stays as it is.
    const isNews = history.last === undefined && !METERS.has(meter);
    const effectiveHour = hourOfDecision(history, isNews, validFromMs, atMs);
    const before = history.at(effectiveHour)?.mapping ?? null;
    const shown = (so: MeterMapping | null) =>
      so && { commerceMeter: formatMeter(so.commerceMeter), factor: formatFraction(so.factor) };
    if (JSON.stringify(shown(before)) === JSON.stringify(shown(mapping))) return false;
    await meters.addMapping({ meter, mapping, reason, effectiveHour, recordedAtMs: atMs, recordedBy: caller.name });
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/meters/map",
      target: formatMeter(meter),
      outcome: "done",
      detail: { before: shown(before), after: shown(mapping), effectiveHour, reason },
    });
    return true;
  });
}
