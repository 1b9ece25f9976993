import { type Kysely, type Selectable, sql } from "kysely";
import { covers, type RoleAssignment, scopeKeyOf } from "../../domain/access/mayDo.ts";
import type { RoleAssignmentStore } from "../../domain/access/store.ts";
import type { Tables } from "./tables.ts";

/** Stands for our own issuer: of two nulls a unique key would not know that they are the same. */
const OWN = "";

const fromRow = (row: Selectable<Tables["role_assignment"]>): RoleAssignment => ({
  id: row.id,
  scope: row.scope,
  issuer: row.issuer === OWN ? null : row.issuer,
  principalId: row.principal_id,
  principalType: row.principal_type as RoleAssignment["principalType"],
  roleDefinitionId: row.role_definition_id,
  createdBy: row.created_by,
  createdAtMs: row.created_at_ms,
});

/** Texts that begin with another one, without the surprises of LIKE. */
export const startsWith = (column: string, prefix: string) =>
  sql<boolean>`substr(${sql.ref(column)}, 1, ${prefix.length}) = ${prefix}`;

export function roleAssignmentStore(db: Kysely<Tables>): RoleAssignmentStore {
  const all = () => db.selectFrom("role_assignment").selectAll();
  const below = (scopeKey: string) => (scopeKey === "/" ? "/" : `${scopeKey}/`);
  return {
    async ofPrincipal({ objectId, issuer }) {
      const rows = await all()
        .where("principal_id", "=", objectId)
        .where("issuer", "=", issuer ?? OWN)
        .orderBy("id")
        .execute();
      return rows.map(fromRow);
    },
    async find(id) {
      const row = await all().where("id", "=", id.toLowerCase()).executeTakeFirst();
      return row && fromRow(row);
    },
    async around(scopeKey) {
      const rows = await all().orderBy("scope_key").orderBy("id").execute();
      return rows.filter((row) => covers(row.scope_key, scopeKey) || covers(scopeKey, row.scope_key)).map(fromRow);
    },
    async add(assignment) {
      const row = {
        id: assignment.id.toLowerCase(),
        scope_key: scopeKeyOf(assignment.scope),
        scope: assignment.scope,
        issuer: assignment.issuer ?? OWN,
        principal_id: assignment.principalId,
        principal_type: assignment.principalType,
        role_definition_id: assignment.roleDefinitionId,
        created_by: assignment.createdBy,
        created_at_ms: assignment.createdAtMs,
      };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("role_assignment")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    async remove(id) {
      await db.deleteFrom("role_assignment").where("id", "=", id.toLowerCase()).execute();
    },
    async removeBelow(scopeKey) {
      await db
        .deleteFrom("role_assignment")
        .where((is) => is.or([is("scope_key", "=", scopeKey), startsWith("scope_key", below(scopeKey))]))
        .execute();
    },
    async move(fromScope, toScope) {
      const from = scopeKeyOf(fromScope);
      const rows = await all()
        .where((is) => is.or([is("scope_key", "=", from), startsWith("scope_key", below(from))]))
        .execute();
      for (const row of rows) {
        const scope = toScope + row.scope_key.slice(from.length);
        await db
          .updateTable("role_assignment")
          .set({ scope, scope_key: scopeKeyOf(scope) })
          .where("id", "=", row.id)
          .execute();
      }
    },
  };
}
