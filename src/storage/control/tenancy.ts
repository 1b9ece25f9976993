import type { Kysely, Selectable } from "kysely";
import { type Hour, registrationId, type SubscriptionId, type TenantId } from "../../domain/ids.ts";
import type { ApprovalAction, ApprovalEvent } from "../../domain/tenancy/approval.ts";
import type { MappingChange } from "../../domain/tenancy/mapping.ts";
import type { CurrentMapping, TenancyStore } from "../../domain/tenancy/store.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const changeFromRow = (row: Selectable<Tables["mapping_change"]>): MappingChange => ({
  id: row.id,
  registration: registrationId(row.registration_id),
  tenant: row.tenant_id as TenantId,
  customer: row.customer_subscription_id as SubscriptionId | null,
  effectiveHour: row.effective_hour as Hour,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

const eventFromRow = (row: Selectable<Tables["approval_event"]>): ApprovalEvent => ({
  registration: registrationId(row.registration_id),
  action: row.action as ApprovalAction,
  actor: row.actor,
  reason: row.reason,
  recordedAtMs: row.recorded_at_ms,
});

type CurrentRow = Selectable<Tables["mapping_current"]> &
  Pick<Selectable<Tables["mapping_change"]>, "recorded_at_ms" | "recorded_by">;

const currentFromRow = (row: CurrentRow): CurrentMapping => ({
  tenant: row.tenant_id as TenantId,
  customer: row.customer_subscription_id as SubscriptionId,
  change: row.change_id,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

const currentMappings = (db: Kysely<Tables>, registration: number) =>
  db
    .selectFrom("mapping_current")
    .innerJoin("mapping_change", "mapping_change.id", "mapping_current.change_id")
    .selectAll("mapping_current")
    .select(["mapping_change.recorded_at_ms", "mapping_change.recorded_by"])
    .where("mapping_current.registration_id", "=", registration);

export function tenancyStore(db: Kysely<Tables>): TenancyStore {
  const current = (registration: number) => currentMappings(db, registration);
  return {
    async approvalEvents(registration) {
      const rows = await db
        .selectFrom("approval_event")
        .selectAll()
        .where("registration_id", "=", registration)
        .orderBy("id")
        .execute();
      return rows.map(eventFromRow);
    },
    async latestApprovalEvents() {
      const newest = db
        .selectFrom("approval_event")
        .select((is) => is.fn.max("id").as("id"))
        .groupBy("registration_id");
      const rows = await db.selectFrom("approval_event").selectAll().where("id", "in", newest).execute();
      return new Map(rows.map(eventFromRow).map((event) => [event.registration, event]));
    },
    async addApprovalEvent({ registration, action, actor, reason, recordedAtMs }) {
      await db
        .insertInto("approval_event")
        .values({ registration_id: registration, action, actor, reason, recorded_at_ms: recordedAtMs })
        .execute();
    },
    addChange: (change) => addChange(db, change),
    async lastEffectiveHour(registration, tenant) {
      const row = await db
        .selectFrom("mapping_change")
        .select((is) => is.fn.max("effective_hour").as("hour"))
        .where("registration_id", "=", registration)
        .where("tenant_id", "=", tenant)
        .executeTakeFirst();
      return row?.hour === null ? undefined : (row?.hour as Hour | undefined);
    },
    async findCurrent(registration, customer) {
      const row = await current(registration)
        .where("mapping_current.customer_subscription_id", "=", customer)
        .executeTakeFirst();
      return row && currentFromRow(row);
    },
    async findCurrentOfTenant(registration, tenant) {
      const row = await current(registration).where("mapping_current.tenant_id", "=", tenant).executeTakeFirst();
      return row && currentFromRow(row);
    },
    async listCurrent(registration, after, limit) {
      const rows = await current(registration)
        .where("mapping_current.customer_subscription_id", ">", after)
        .orderBy("mapping_current.customer_subscription_id")
        .limit(limit)
        .execute();
      return rows.map(currentFromRow);
    },
    ...mappingHistory(db),
  };
}

function mappingHistory(db: Kysely<Tables>): Pick<TenancyStore, "history" | "changes" | "changesOf"> {
  return {
    async history({ registration, tenant, recordedUntilMs }, { after, limit }) {
      const rows = await db
        .selectFrom("mapping_change")
        .selectAll()
        .where("registration_id", "=", registration)
        .$if(tenant !== undefined, (query) => query.where("tenant_id", "=", tenant!))
        .where("recorded_at_ms", "<=", recordedUntilMs)
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(changeFromRow);
    },
    async changes({ recordedUntilMs, registrations }) {
      const rows = await db
        .selectFrom("mapping_change")
        .selectAll()
        .where("recorded_at_ms", "<=", recordedUntilMs)
        .$if(registrations !== undefined, (query) =>
          query.where("registration_id", ">=", registrations![0]).where("registration_id", "<=", registrations![1]),
        )
        .orderBy("id")
        .execute();
      return rows.map(changeFromRow);
    },
    async changesOf(registration, tenants) {
      const found: MappingChange[] = [];
      for (const piece of inPieces([...new Set(tenants)])) {
        const rows = await db
          .selectFrom("mapping_change")
          .selectAll()
          .where("registration_id", "=", registration)
          .where("tenant_id", "in", piece)
          .execute();
        found.push(...rows.map(changeFromRow));
      }
      return found.sort((a, b) => a.id - b.id);
    },
  };
}

async function addChange(db: Kysely<Tables>, change: Omit<MappingChange, "id">): Promise<MappingChange> {
  const row = await db
    .insertInto("mapping_change")
    .values({
      registration_id: change.registration,
      tenant_id: change.tenant,
      customer_subscription_id: change.customer,
      effective_hour: change.effectiveHour,
      recorded_at_ms: change.recordedAtMs,
      recorded_by: change.recordedBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await db
    .deleteFrom("mapping_current")
    .where("registration_id", "=", change.registration)
    .where("tenant_id", "=", change.tenant)
    .execute();
  if (change.customer !== null) {
    await db
      .insertInto("mapping_current")
      .values({
        registration_id: change.registration,
        tenant_id: change.tenant,
        customer_subscription_id: change.customer,
        change_id: row.id,
      })
      .execute();
  }
  return changeFromRow(row);
}
