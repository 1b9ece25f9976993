import { type Kysely, type Selectable, sql } from "kysely";
import { CHAIN_START, chainHash, storable } from "../../domain/audit/chain.ts";
import type { AuditEntry, AuditRecord, AuditStore } from "../../domain/audit/store.ts";
import { canonicalJson } from "../../lib/canonicalJson.ts";
import type { Tables } from "./tables.ts";

export const auditStore = (db: Kysely<Tables>): AuditStore => ({
  async add(record) {
    // The head must not move between reading it and inserting: SQLite has one writer at a time.
    if (db.isTransaction) await append(db, record);
    else await db.transaction().execute((transaction) => append(transaction, record));
  },
  async list({ target, actor, outcome, sinceMs }, { before, limit }) {
    const rows = await db
      .selectFrom("audit_record")
      .selectAll()
      .$if(target !== undefined, (query) =>
        query.where(sql<boolean>`lower(substr(target, 1, length(${target!}))) = lower(${target!})`),
      )
      .$if(actor !== undefined, (query) =>
        query.where((is) => is.or([is("actor", "=", actor!), is("actor_id", "=", actor!)])),
      )
      .$if(outcome !== undefined, (query) =>
        outcome === "refused" ? query.where("outcome", "!=", "done") : query.where("outcome", "=", outcome!),
      )
      .$if(sinceMs !== undefined, (query) => query.where("at_ms", ">=", sinceMs!))
      .$if(before !== undefined, (query) => query.where("id", "<", before!))
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
    return rows.map(entryOf);
  },
  async after(number, limit) {
    const rows = await db
      .selectFrom("audit_record")
      .selectAll()
      .where("id", ">", number)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(entryOf);
  },
});

async function append(db: Kysely<Tables>, given: AuditRecord): Promise<void> {
  const record = storable(given);
  const head = await db
    .selectFrom("audit_record")
    .select(["id", "hash"])
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  const number = (head?.id ?? 0) + 1;
  const row = {
    id: number,
    at_ms: record.atMs,
    actor: record.actor,
    actor_id: record.actorId,
    address: record.address,
    correlation_id: record.correlationId,
    action: record.action,
    target: record.target,
    outcome: record.outcome,
    detail: canonicalJson(record.detail),
    hash: chainHash(head?.hash || CHAIN_START, { ...record, number }),
  };
  await db.insertInto("audit_record").values(row).execute();
}

const entryOf = (row: Selectable<Tables["audit_record"]>): AuditEntry => ({
  number: row.id,
  atMs: row.at_ms,
  actor: row.actor,
  actorId: row.actor_id,
  address: row.address,
  correlationId: row.correlation_id,
  action: row.action,
  target: row.target,
  outcome: row.outcome,
  detail: detailOf(row.detail),
  hash: row.hash,
});

/** A text that is no JSON was put there by somebody else: it is shown, and the chain tells. */
function detailOf(text: string): AuditRecord["detail"] {
  try {
    return JSON.parse(text) as AuditRecord["detail"];
  } catch {
    return { unreadable: text };
  }
}
