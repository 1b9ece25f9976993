import type { Kysely, Selectable } from "kysely";
import type { Credential, CredentialKind } from "../../domain/identity/credential.ts";
import type { CredentialStore, DirectoryStore } from "../../domain/identity/store.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["credential"]>): Credential => ({
  clientId: row.client_id,
  kind: row.kind as CredentialKind,
  objectId: row.object_id,
  displayName: row.display_name,
  secretHash: row.secret_hash,
  redirectUris: JSON.parse(row.redirect_uris) as string[],
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  revokedAtMs: row.revoked_at_ms,
});

export function credentialStore(db: Kysely<Tables>): CredentialStore {
  const all = () => db.selectFrom("credential").selectAll();
  return {
    async list() {
      return (await all().orderBy("created_at_ms").orderBy("client_id").execute()).map(fromRow);
    },
    async find(clientId) {
      const row = await all().where("client_id_key", "=", clientId.toLowerCase()).executeTakeFirst();
      return row && fromRow(row);
    },
    async findByObjectId(objectId) {
      const row = await all().where("object_id", "=", objectId).executeTakeFirst();
      return row && fromRow(row);
    },
    async add(credential) {
      const row = {
        client_id: credential.clientId,
        client_id_key: credential.clientId.toLowerCase(),
        kind: credential.kind,
        object_id: credential.objectId,
        display_name: credential.displayName,
        secret_hash: credential.secretHash,
        redirect_uris: JSON.stringify(credential.redirectUris),
        created_at_ms: credential.createdAtMs,
        created_by: credential.createdBy,
        revoked_at_ms: credential.revokedAtMs,
      };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("credential")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    async revoke(clientId, atMs) {
      await db
        .updateTable("credential")
        .set({ revoked_at_ms: atMs })
        .where("client_id_key", "=", clientId.toLowerCase())
        .execute();
    },
  };
}

export const directoryStore = (db: Kysely<Tables>): DirectoryStore => ({
  async ensure(id, atMs) {
    await db
      .insertInto("directory")
      .values({ single: 1, id, created_at_ms: atMs })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return (await db.selectFrom("directory").select("id").executeTakeFirstOrThrow()).id;
  },
});
