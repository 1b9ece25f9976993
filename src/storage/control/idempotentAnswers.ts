import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Kysely } from "kysely";
import { registrationId } from "../../domain/ids.ts";
import type { IdempotentAnswerStore } from "../../domain/usage/idempotency.ts";
import type { Tables } from "./tables.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export function idempotentAnswerStore(db: Kysely<Tables>): IdempotentAnswerStore {
  return {
    async find(registration, key) {
      const row = await db
        .selectFrom("idempotent_answer")
        .selectAll()
        .where("registration_id", "=", registration)
        .where("key", "=", key)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { caller, fingerprint, status } = row;
      const answer = {
        status,
        contentType: row.content_type,
        contentLanguage: row.content_language,
        body: await decompress(row.body),
      };
      return { registration, key, caller, fingerprint, createdAtMs: row.created_at_ms, answer };
    },
    async registrationsOf(caller, key, sinceMs) {
      const rows = await db
        .selectFrom("idempotent_answer")
        .select("registration_id")
        .where("caller", "=", caller)
        .where("key", "=", key)
        .where("created_at_ms", ">=", sinceMs)
        .execute();
      return rows.map((row) => registrationId(row.registration_id));
    },
    async put({ registration, key, caller, fingerprint, createdAtMs, answer }, { sinceMs, perRegistrationMax }) {
      const { status, contentType, contentLanguage } = answer;
      const body = await compress(answer.body);
      const said = {
        caller,
        fingerprint,
        created_at_ms: createdAtMs,
        status,
        content_type: contentType,
        content_language: contentLanguage,
        body,
      };
      await db
        .insertInto("idempotent_answer")
        .values({ registration_id: registration, key, ...said })
        .onConflict((same) => same.columns(["registration_id", "key"]).doUpdateSet(said))
        .execute();
      await db.deleteFrom("idempotent_answer").where("created_at_ms", "<", sinceMs).execute();
      const past = db
        .selectFrom("idempotent_answer")
        .select("key")
        .where("registration_id", "=", registration)
        .orderBy("created_at_ms", "desc")
        .orderBy("key")
        .limit(1_000_000)
        .offset(perRegistrationMax);
      await db
        .deleteFrom("idempotent_answer")
        .where("registration_id", "=", registration)
        .where("key", "in", past)
        .execute();
    },
  };
}
