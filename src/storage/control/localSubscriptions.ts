import type { Kysely, Selectable } from "kysely";
import { type Hour, type LocalSubscriptionId, registrationId, type TenantId } from "../../domain/ids.ts";
import type { LocalSubscriptionChange, LocalSubscriptionStore } from "../../domain/usage/localSubscription.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["local_subscription_change"]>): LocalSubscriptionChange => ({
  id: row.id,
  registration: registrationId(row.registration_id),
  localSubscription: row.local_subscription_id as LocalSubscriptionId,
  tenant: row.tenant_id as TenantId,
  owner: row.owner,
  offer: row.offer,
  displayName: row.display_name,
  state: row.state,
  effectiveHour: row.effective_hour as Hour,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

const toRow = (change: Omit<LocalSubscriptionChange, "id">) => ({
  registration_id: change.registration,
  local_subscription_id: change.localSubscription,
  tenant_id: change.tenant,
  owner: change.owner,
  offer: change.offer,
  display_name: change.displayName,
  state: change.state,
  effective_hour: change.effectiveHour,
  recorded_at_ms: change.recordedAtMs,
  recorded_by: change.recordedBy,
});

/** Kept as changes that are only ever added, so that what was known at any moment can be rebuilt. */
export function localSubscriptionStore(db: Kysely<Tables>): LocalSubscriptionStore {
  const all = () => db.selectFrom("local_subscription_change").selectAll();
  return {
    async add(changes) {
      for (const piece of inPieces(changes.map(toRow))) {
        await db.insertInto("local_subscription_change").values(piece).execute();
      }
    },
    async changesOf(registration, localSubscriptions) {
      const found: LocalSubscriptionChange[] = [];
      for (const piece of inPieces([...new Set(localSubscriptions)])) {
        const rows = await all()
          .where("registration_id", "=", registration)
          .where("local_subscription_id", "in", piece)
          .execute();
        found.push(...rows.map(fromRow));
      }
      return found;
    },
    async changes({ recordedUntilMs, registrations }) {
      const rows = await all()
        .where("recorded_at_ms", "<=", recordedUntilMs)
        .$if(registrations !== undefined, (query) =>
          query.where("registration_id", ">=", registrations![0]).where("registration_id", "<=", registrations![1]),
        )
        .orderBy("registration_id")
        .orderBy("local_subscription_id")
        .orderBy("effective_hour")
        .orderBy("id")
        .execute();
      return rows.map(fromRow);
    },
    async counts() {
      const rows = await db
        .selectFrom("local_subscription_change")
        .select((is) => ["registration_id", is.fn.count<number>("local_subscription_id").distinct().as("locals")])
        .groupBy("registration_id")
        .execute();
      return new Map(rows.map((row) => [registrationId(row.registration_id), row.locals]));
    },
    page: (of, page) => pageOf(db, of, page),
    async history({ registration, localSubscription, recordedUntilMs }, { after, limit }) {
      const rows = await all()
        .where("registration_id", "=", registration)
        .where("local_subscription_id", "=", localSubscription)
        .where("recorded_at_ms", "<=", recordedUntilMs)
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
    async firstHours(registration, localSubscriptions) {
      const hours = new Map<LocalSubscriptionId, Hour>();
      for (const piece of inPieces([...new Set(localSubscriptions)])) {
        const rows = await db
          .selectFrom("local_subscription_change")
          .select((is) => ["local_subscription_id", is.fn.min("effective_hour").as("first")])
          .where("registration_id", "=", registration)
          .where("local_subscription_id", "in", piece)
          .groupBy("local_subscription_id")
          .execute();
        for (const row of rows) hours.set(row.local_subscription_id as LocalSubscriptionId, row.first as Hour);
      }
      return hours;
    },
  };
}

/** A change counts when no other one of its subscription, for the same hour or a later one, takes its place. */
async function pageOf(
  db: Kysely<Tables>,
  {
    registration,
    recordedUntilMs,
    hour,
  }: { readonly registration: number; readonly recordedUntilMs: number; readonly hour: number },
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly LocalSubscriptionChange[]> {
  const rows = await db
    .selectFrom("local_subscription_change as so")
    .selectAll()
    .where("so.registration_id", "=", registration)
    .where("so.local_subscription_id", ">", after)
    .where("so.recorded_at_ms", "<=", recordedUntilMs)
    .where("so.effective_hour", "<=", hour)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("local_subscription_change as newer")
            .select("newer.id")
            .where("newer.registration_id", "=", registration)
            .whereRef("newer.local_subscription_id", "=", "so.local_subscription_id")
            .where("newer.recorded_at_ms", "<=", recordedUntilMs)
            .where("newer.effective_hour", "<=", hour)
            .where((other) =>
              other.or([
                other("newer.effective_hour", ">", other.ref("so.effective_hour")),
                other.and([
                  other("newer.effective_hour", "=", other.ref("so.effective_hour")),
                  other("newer.id", ">", other.ref("so.id")),
                ]),
              ]),
            ),
        ),
      ),
    )
    .orderBy("so.local_subscription_id")
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}
