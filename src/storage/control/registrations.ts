import type { Kysely, Selectable } from "kysely";
import { type Hour, registrationId, type SubscriptionId } from "../../domain/ids.ts";
import {
  type BillingModel,
  type BillingModelChange,
  type Registration,
  scopeKey,
  type Tags,
  type TokenFacts,
  type WriterType,
} from "../../domain/registration/registration.ts";
import type { RegistrationStore } from "../../domain/registration/store.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["registration"]>): Registration => ({
  id: registrationId(row.id),
  subscription: row.subscription_id as SubscriptionId,
  resourceGroup: row.resource_group,
  name: row.name,
  cloudId: row.cloud_id,
  objectId: row.object_id,
  billingModel: row.billing_model as BillingModel,
  tags: JSON.parse(row.tags) as Tags,
  version: row.version,
  tokenFacts: JSON.parse(row.token_facts) as TokenFacts,
  tokenDigest: row.token_digest,
  remoteManagement: row.remote_management === 1,
  created: { atMs: row.created_at_ms, by: row.created_by, byType: row.created_by_type as WriterType },
  updated: { atMs: row.updated_at_ms, by: row.updated_by, byType: row.updated_by_type as WriterType },
  ...(row.deleted_at_ms === null ? {} : { deletedAtMs: row.deleted_at_ms }),
});

const toRow = (registration: Omit<Registration, "id">) => ({
  subscription_id: registration.subscription,
  resource_group: registration.resourceGroup,
  name: registration.name,
  name_key: registration.name.toLowerCase(),
  scope_key: scopeKey(registration),
  cloud_id: registration.cloudId,
  cloud_id_key: registration.cloudId.toLowerCase(),
  object_id: registration.objectId,
  billing_model: registration.billingModel,
  tags: JSON.stringify(registration.tags),
  version: registration.version,
  token_facts: JSON.stringify(registration.tokenFacts),
  token_digest: registration.tokenDigest,
  remote_management: registration.remoteManagement ? 1 : 0,
  created_at_ms: registration.created.atMs,
  created_by: registration.created.by,
  created_by_type: registration.created.byType,
  updated_at_ms: registration.updated.atMs,
  updated_by: registration.updated.by,
  updated_by_type: registration.updated.byType,
});

const modelFromRow = (row: Selectable<Tables["billing_model_change"]>): BillingModelChange => ({
  id: row.id,
  registration: registrationId(row.registration_id),
  billingModel: row.billing_model as BillingModel,
  cores: row.cores,
  effectiveHour: row.effective_hour as Hour,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

function billingModels(db: Kysely<Tables>): Pick<RegistrationStore, "addBillingModel" | "billingModelChanges"> {
  return {
    async addBillingModel({ registration, billingModel, cores, effectiveHour, recordedAtMs, recordedBy }) {
      await db
        .insertInto("billing_model_change")
        .values({
          registration_id: registration,
          billing_model: billingModel,
          cores,
          effective_hour: effectiveHour,
          recorded_at_ms: recordedAtMs,
          recorded_by: recordedBy,
        })
        .execute();
    },
    async billingModelChanges({ recordedUntilMs, registration }) {
      const rows = await db
        .selectFrom("billing_model_change")
        .selectAll()
        .where("recorded_at_ms", "<=", recordedUntilMs)
        .$if(registration !== undefined, (query) => query.where("registration_id", "=", registration!))
        .orderBy("id")
        .execute();
      return rows.map(modelFromRow);
    },
  };
}

export function registrationStore(db: Kysely<Tables>): RegistrationStore {
  const all = () => db.selectFrom("registration").selectAll();
  const present = () => all().where("deleted_at_ms", "is", null);
  return {
    ...billingModels(db),
    async find(scope) {
      const row = await present().where("scope_key", "=", scopeKey(scope)).executeTakeFirst();
      return row && fromRow(row);
    },
    async findById(id) {
      const row = await all().where("id", "=", id).executeTakeFirst();
      return row && fromRow(row);
    },
    async findMany(ids) {
      const found: Registration[] = [];
      for (const piece of inPieces([...new Set(ids)])) {
        found.push(...(await all().where("id", "in", piece).execute()).map(fromRow));
      }
      return found;
    },
    async findByCloudId(cloudId) {
      const row = await present().where("cloud_id_key", "=", cloudId.toLowerCase()).executeTakeFirst();
      return row && fromRow(row);
    },
    async findByName(name) {
      const rows = await present().where("name_key", "=", name.toLowerCase()).orderBy("id").execute();
      return rows.map(fromRow);
    },
    async list({ withDeleted = false } = {}) {
      return (await (withDeleted ? all() : present()).orderBy("id").execute()).map(fromRow);
    },
    async listIn({ subscription, resourceGroup }, { after, limit } = { after: "", limit: -1 }) {
      const prefix = resourceGroup === undefined ? subscription : `${subscription}/${resourceGroup.toLowerCase()}`;
      const rows = await present()
        .where("scope_key", ">", after > prefix ? after : `${prefix}/`)
        // The character after the slash: everything below the prefix sorts before it.
        .where("scope_key", "<", `${prefix}0`)
        .orderBy("scope_key")
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
    async insert(registration) {
      const row = await db
        .insertInto("registration")
        .values(toRow(registration))
        .returningAll()
        .executeTakeFirstOrThrow();
      return fromRow(row);
    },
    async update(registration) {
      await db.updateTable("registration").set(toRow(registration)).where("id", "=", registration.id).execute();
    },
    async remove(id, atMs) {
      await db
        .updateTable("registration")
        .set({ deleted_at_ms: atMs, scope_key: `deleted/${id}` })
        .where("id", "=", id)
        .execute();
      await db.deleteFrom("mapping_current").where("registration_id", "=", id).execute();
    },
  };
}
