import { type Kysely, sql } from "kysely";
import type { AttributionLog } from "../../domain/controlStore.ts";
import type { Tables } from "./tables.ts";

const CHANGES = ["local_subscription_change", "mapping_change", "billing_model_change"] as const;

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
});
