import assert from "node:assert/strict";
import type { Kysely, Selectable } from "kysely";
import type { Hour, MeterId } from "../../domain/ids.ts";
import type {
  MeterMapping,
  MeterMappingChange,
  MeterStore,
  OperatorMeterChange,
} from "../../domain/usage/operatorMeter.ts";
import { formatFraction, ONE, parseFraction } from "../../lib/fraction.ts";
import type { Tables } from "./tables.ts";

const meterFromRow = (row: Selectable<Tables["operator_meter_change"]>): OperatorMeterChange => ({
  id: row.id,
  meter: row.meter as MeterId,
  name: row.name,
  resourceProvider: row.resource_provider,
  unit: row.unit,
  focus: {
    serviceCategory: row.service_category,
    serviceSubcategory: row.service_subcategory,
    serviceName: row.service_name,
    consumedUnit: row.consumed_unit,
  },
  reason: row.reason,
  effectiveHour: row.effective_hour as Hour,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

function mappingOf(commerceMeter: string | null, text: string): MeterMapping | null {
  if (commerceMeter === null) return null;
  const factor = parseFraction(text);
  assert(factor !== undefined, `not a factor: '${text}'`);
  return { commerceMeter: commerceMeter as MeterId, factor };
}

const mappingFromRow = (row: Selectable<Tables["meter_mapping_change"]>): MeterMappingChange => ({
  id: row.id,
  meter: row.meter as MeterId,
  mapping: mappingOf(row.commerce_meter, row.factor),
  reason: row.reason,
  effectiveHour: row.effective_hour as Hour,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

export function meterStore(db: Kysely<Tables>): MeterStore {
  return {
    async addMeter({ focus, ...change }) {
      await db
        .insertInto("operator_meter_change")
        .values({
          meter: change.meter,
          name: change.name,
          resource_provider: change.resourceProvider,
          unit: change.unit,
          service_category: focus.serviceCategory,
          service_subcategory: focus.serviceSubcategory,
          service_name: focus.serviceName,
          consumed_unit: focus.consumedUnit,
          reason: change.reason,
          effective_hour: change.effectiveHour,
          recorded_at_ms: change.recordedAtMs,
          recorded_by: change.recordedBy,
        })
        .execute();
    },
    async addMapping({ meter, mapping, reason, effectiveHour, recordedAtMs, recordedBy }) {
      await db
        .insertInto("meter_mapping_change")
        .values({
          meter,
          commerce_meter: mapping?.commerceMeter ?? null,
          factor: formatFraction(mapping?.factor ?? ONE),
          reason,
          effective_hour: effectiveHour,
          recorded_at_ms: recordedAtMs,
          recorded_by: recordedBy,
        })
        .execute();
    },
    async changes() {
      const meters = await db.selectFrom("operator_meter_change").selectAll().orderBy("id").execute();
      const mappings = await db.selectFrom("meter_mapping_change").selectAll().orderBy("id").execute();
      return { meters: meters.map(meterFromRow), mappings: mappings.map(mappingFromRow) };
    },
  };
}
