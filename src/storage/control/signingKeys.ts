import type { Kysely } from "kysely";
import type { KeyPurpose, SigningKeyStore } from "../../domain/keys/store.ts";
import type { Tables } from "./tables.ts";

export const signingKeyStore = (db: Kysely<Tables>): SigningKeyStore => ({
  async list(purpose) {
    const rows = await db
      .selectFrom("signing_key")
      .selectAll()
      .where("purpose", "=", purpose)
      .orderBy("created_at_ms", "desc")
      .orderBy("kid")
      .execute();
    return rows.map((row) => ({
      kid: row.kid,
      purpose: row.purpose as KeyPurpose,
      algorithm: row.algorithm,
      privateJwk: JSON.parse(row.private_jwk) as Record<string, unknown>,
      createdAtMs: row.created_at_ms,
      retiredAtMs: row.retired_at_ms,
    }));
  },
  async add({ kid, purpose, algorithm, privateJwk, createdAtMs, retiredAtMs }) {
    const row = {
      kid,
      purpose,
      algorithm,
      private_jwk: JSON.stringify(privateJwk),
      created_at_ms: createdAtMs,
      retired_at_ms: retiredAtMs,
    };
    await db.insertInto("signing_key").values(row).execute();
  },
  async retire(kid, atMs) {
    await db.updateTable("signing_key").set({ retired_at_ms: atMs }).where("kid", "=", kid).execute();
  },
});
