import { type Kysely, sql } from "kysely";
import type { AttributionLog } from "../../domain/controlStore.ts";
import type { Tables } from "./tables.ts";

const CHANGES = ["local_subscription_change", "mapping_change", "billing_model_change"] as const;
/** By the names that `KnowledgeMark` has for them. */
const KINDS = {
  locals: "local_subscription_change",
  mappings: "mapping_change",
  billingModels: "billing_model_change",
  meters: "operator_meter_change",
  meterMappings: "meter_mapping_change",
  catalogue: "catalogue_change",
  priceAssignments: "price_assignment",
  priceConfirmations: "price_confirmation",
  fxRates: "fx_rate",
} as const;

export const attributionLog = (db: Kysely<Tables>): AttributionLog => ({
  async version() {
    // Changes are only added, so the newest number tells whether there are others; registrations are changed in place.
    const numbers: unknown[] = [];
    for (const table of CHANGES) {
      const row = await db
        .selectFrom(table)
        .select((is) => is.fn.max("id").as("id"))
        .executeTakeFirst();
      numbers.push(row?.id);
    }
    const registrations = await db
      .selectFrom("registration")
      .select((is) => [
        is.fn.countAll().as("count"),
        is.fn.sum("version").as("versions"),
        is.fn.max("updated_at_ms").as("updated"),
        sql<number>`count(deleted_at_ms)`.as("deleted"),
      ])
      .executeTakeFirstOrThrow();
    return [...numbers, ...Object.values(registrations)].join(" ");
  },
  async newest() {
    const mark: Record<string, number> = {};
    for (const [kind, table] of Object.entries(KINDS)) {
      const row = await db
        .selectFrom(table)
        .select((is) => is.fn.max("id").as("id"))
        .executeTakeFirst();
      mark[kind] = row?.id ?? 0;
    }
    return mark;
  },
});
