import type { Kysely, Selectable } from "kysely";
import { scopeKeyOf } from "../../domain/access/mayDo.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import type { Tags } from "../../domain/registration/registration.ts";
import type {
  LockLevel,
  LockStore,
  ManagementLock,
  ProviderStore,
  ResourceGroup,
  ResourceGroupStore,
} from "../../domain/resources/store.ts";
import { startsWith } from "./roleAssignments.ts";
import type { Tables } from "./tables.ts";

const groupFromRow = (row: Selectable<Tables["resource_group"]>): ResourceGroup => ({
  subscription: row.subscription_id as SubscriptionId,
  name: row.name,
  location: row.location,
  tags: JSON.parse(row.tags) as Tags,
  managedBy: row.managed_by,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
});

export function resourceGroupStore(db: Kysely<Tables>): ResourceGroupStore {
  const of = (subscription: SubscriptionId) =>
    db.selectFrom("resource_group").selectAll().where("subscription_id", "=", subscription);
  return {
    async find(subscription, name) {
      const row = await of(subscription).where("name_key", "=", name.toLowerCase()).executeTakeFirst();
      return row && groupFromRow(row);
    },
    async list(subscription, after, limit) {
      const rows = await of(subscription)
        .where("name_key", ">", after.toLowerCase())
        .orderBy("name_key")
        .limit(limit)
        .execute();
      return rows.map(groupFromRow);
    },
    async put(group) {
      const row = {
        subscription_id: group.subscription,
        name_key: group.name.toLowerCase(),
        name: group.name,
        location: group.location,
        tags: JSON.stringify(group.tags),
        managed_by: group.managedBy,
        created_at_ms: group.createdAtMs,
        updated_at_ms: group.updatedAtMs,
      };
      await db.replaceInto("resource_group").values(row).execute();
    },
    async remove(subscription, name) {
      await db
        .deleteFrom("resource_group")
        .where("subscription_id", "=", subscription)
        .where("name_key", "=", name.toLowerCase())
        .execute();
    },
  };
}

const lockFromRow = (row: Selectable<Tables["management_lock"]>): ManagementLock => ({
  scope: row.scope,
  name: row.name,
  level: row.level as LockLevel,
  notes: row.notes,
  createdBy: row.created_by,
  createdAtMs: row.created_at_ms,
});

export function lockStore(db: Kysely<Tables>): LockStore {
  const all = () => db.selectFrom("management_lock").selectAll();
  return {
    async find(scope, name) {
      const row = await all()
        .where("scope_key", "=", scopeKeyOf(scope))
        .where("name_key", "=", name.toLowerCase())
        .executeTakeFirst();
      return row && lockFromRow(row);
    },
    async at(scopes) {
      const rows = await all().where("scope_key", "in", scopes.map(scopeKeyOf)).orderBy("scope_key").execute();
      return rows.map(lockFromRow);
    },
    async below(scope) {
      const key = scopeKeyOf(scope);
      const rows = await all()
        .where((is) => is.or([is("scope_key", "=", key), startsWith("scope_key", key === "/" ? key : `${key}/`)]))
        .orderBy("scope_key")
        .orderBy("name_key")
        .execute();
      return rows.map(lockFromRow);
    },
    async put(lock) {
      const row = {
        scope_key: scopeKeyOf(lock.scope),
        name_key: lock.name.toLowerCase(),
        scope: lock.scope,
        name: lock.name,
        level: lock.level,
        notes: lock.notes,
        created_by: lock.createdBy,
        created_at_ms: lock.createdAtMs,
      };
      await db.replaceInto("management_lock").values(row).execute();
    },
    async remove(scope, name) {
      await db
        .deleteFrom("management_lock")
        .where("scope_key", "=", scopeKeyOf(scope))
        .where("name_key", "=", name.toLowerCase())
        .execute();
    },
  };
}

export const providerStore = (db: Kysely<Tables>): ProviderStore => ({
  async isRegistered(subscription, namespace) {
    const row = await db
      .selectFrom("provider_registration")
      .select("state")
      .where("subscription_id", "=", subscription)
      .where("namespace", "=", namespace.toLowerCase())
      .executeTakeFirst();
    return row?.state === "Registered";
  },
  async set(subscription, namespace, registered, atMs) {
    const row = {
      subscription_id: subscription,
      namespace: namespace.toLowerCase(),
      state: registered ? "Registered" : "Unregistered",
      changed_at_ms: atMs,
    };
    await db.replaceInto("provider_registration").values(row).execute();
  },
});
