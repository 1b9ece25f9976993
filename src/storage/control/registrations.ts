import type { Kysely, Selectable } from "kysely";
import { registrationId, type SubscriptionId } from "../../domain/ids.ts";
import { type BillingModel, type Registration, scopeKey } from "../../domain/registration/registration.ts";
import type { RegistrationStore } from "../../domain/registration/store.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["registration"]>): Registration => ({
  id: registrationId(row.id),
  subscription: row.subscription_id as SubscriptionId,
  resourceGroup: row.resource_group,
  name: row.name,
  cloudId: row.cloud_id,
  objectId: row.object_id,
  billingModel: row.billing_model as BillingModel,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
});

const toRow = (registration: Omit<Registration, "id">) => ({
  subscription_id: registration.subscription,
  resource_group: registration.resourceGroup,
  name: registration.name,
  scope_key: scopeKey(registration),
  cloud_id: registration.cloudId,
  object_id: registration.objectId,
  billing_model: registration.billingModel,
  created_at_ms: registration.createdAtMs,
  updated_at_ms: registration.updatedAtMs,
});

export function registrationStore(db: Kysely<Tables>): RegistrationStore {
  const all = () => db.selectFrom("registration").selectAll();
  return {
    async find(scope) {
      const row = await all().where("scope_key", "=", scopeKey(scope)).executeTakeFirst();
      return row && fromRow(row);
    },
    async findById(id) {
      const row = await all().where("id", "=", id).executeTakeFirst();
      return row && fromRow(row);
    },
    async findByCloudId(cloudId) {
      const row = await all()
        .where((is) => is(is.fn<string>("lower", ["cloud_id"]), "=", cloudId.toLowerCase()))
        .executeTakeFirst();
      return row && fromRow(row);
    },
    async findByName(name) {
      const rows = await all()
        .where((is) => is(is.fn<string>("lower", ["name"]), "=", name.toLowerCase()))
        .orderBy("id")
        .execute();
      return rows.map(fromRow);
    },
    async list() {
      return (await all().orderBy("id").execute()).map(fromRow);
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
  };
}
