import assert from "node:assert/strict";
import type { Kysely, Selectable } from "kysely";
import type { Hour, MeterId } from "../../domain/ids.ts";
import type { FxRate, PriceConfirmation } from "../../domain/rating/priceBook.ts";
import {
  type SheetContent,
  sheetContent,
  sheetParts,
  type TermsJson,
  termsFromJson,
  termsToJson,
} from "../../domain/rating/priceJson.ts";
import type { Level, PartyKind, PriceAssignment } from "../../domain/rating/priceTerms.ts";
import type { PriceStore, SheetVersion } from "../../domain/rating/store.ts";
import type { Tables } from "./tables.ts";

const versionFromRow = (row: Selectable<Tables["price_sheet_version"]>): SheetVersion => ({
  sheet: {
    id: row.sheet,
    version: row.version,
    name: row.name,
    currency: row.currency,
    ...sheetParts(JSON.parse(row.content) as SheetContent),
  },
  state: row.state as SheetVersion["state"],
  from: (row.from_hour ?? undefined) as Hour | undefined,
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  publishedAtMs: row.published_at_ms ?? undefined,
  publishedBy: row.published_by ?? undefined,
  reason: row.reason,
});

const assignmentFromRow = (row: Selectable<Tables["price_assignment"]>): PriceAssignment => ({
  id: row.id,
  level: row.level as Level,
  party: { kind: row.party_kind as PartyKind, id: row.party_id },
  terms: row.terms === null ? null : termsFromJson(JSON.parse(row.terms) as TermsJson),
  reason: row.reason,
  effectiveHour: row.effective_hour as Hour,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

const confirmationFromRow = (row: Selectable<Tables["price_confirmation"]>): PriceConfirmation => ({
  sheet: row.sheet,
  version: row.version,
  commerceMeter: row.commerce_meter as MeterId,
  region: row.region,
  reason: row.reason,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

const rateFromRow = (row: Selectable<Tables["fx_rate"]>): FxRate => ({
  id: row.id,
  period: row.period,
  from: row.from_currency,
  to: row.to_currency,
  rate: row.rate,
  reason: row.reason,
  recordedAtMs: row.recorded_at_ms,
  recordedBy: row.recorded_by,
});

type SheetMethods = "versions" | "putDraft" | "removeDraft" | "publish";

const allVersions = (db: Kysely<Tables>) =>
  db.selectFrom("price_sheet_version").selectAll().orderBy("sheet").orderBy("version");

export function priceStore(db: Kysely<Tables>): PriceStore {
  return {
    ...sheetMethods(db),
    async records() {
      const published = await allVersions(db).where("state", "=", "published").execute();
      const assignments = await db.selectFrom("price_assignment").selectAll().orderBy("id").execute();
      const confirmations = await db.selectFrom("price_confirmation").selectAll().orderBy("id").execute();
      const rates = await db.selectFrom("fx_rate").selectAll().orderBy("id").execute();
      return {
        sheets: published.map((row) => {
          const { sheet, from, publishedAtMs } = versionFromRow(row);
          return { ...sheet, from: from!, publishedAtMs: publishedAtMs! };
        }),
        assignments: assignments.map(assignmentFromRow),
        confirmations: confirmations.map(confirmationFromRow),
        fxRates: rates.map(rateFromRow),
      };
    },
    async assign({ level, party, terms, reason, effectiveHour, recordedAtMs, recordedBy }) {
      await db
        .insertInto("price_assignment")
        .values({
          level,
          party_kind: party.kind,
          party_id: party.id,
          terms: terms && JSON.stringify(termsToJson(terms)),
          reason,
          effective_hour: effectiveHour,
          recorded_at_ms: recordedAtMs,
          recorded_by: recordedBy,
        })
        .execute();
    },
    async confirm({ sheet, version, commerceMeter, region, reason, recordedAtMs, recordedBy }) {
      await db
        .insertInto("price_confirmation")
        .values({
          sheet,
          version,
          commerce_meter: commerceMeter,
          region,
          reason,
          recorded_at_ms: recordedAtMs,
          recorded_by: recordedBy,
        })
        .execute();
    },
    async addFxRate({ period, from, to, rate, reason, recordedAtMs, recordedBy }) {
      await db
        .insertInto("fx_rate")
        .values({
          period,
          from_currency: from,
          to_currency: to,
          rate,
          reason,
          recorded_at_ms: recordedAtMs,
          recorded_by: recordedBy,
        })
        .execute();
    },
  };
}

function sheetMethods(db: Kysely<Tables>): Pick<PriceStore, SheetMethods> {
  return {
    async versions(sheet) {
      const rows = await allVersions(db)
        .$if(sheet !== undefined, (query) => query.where("sheet", "=", sheet!))
        .execute();
      return rows.map(versionFromRow);
    },
    async putDraft(sheet, { atMs, name }) {
      const row = {
        name: sheet.name,
        currency: sheet.currency,
        content: JSON.stringify(sheetContent(sheet)),
        created_at_ms: atMs,
        created_by: name,
      };
      await db
        .insertInto("price_sheet_version")
        .values({ sheet: sheet.id, version: sheet.version, state: "draft", ...row })
        .onConflict((conflict) => conflict.columns(["sheet", "version"]).doUpdateSet(row))
        .execute();
    },
    async removeDraft(sheet, version) {
      await db
        .deleteFrom("price_sheet_version")
        .where("sheet", "=", sheet)
        .where("version", "=", version)
        .where("state", "=", "draft")
        .execute();
    },
    async publish(sheet, version, { from, atMs, by, reason }) {
      const { numUpdatedRows } = await db
        .updateTable("price_sheet_version")
        .set({ state: "published", from_hour: from, published_at_ms: atMs, published_by: by, reason })
        .where("sheet", "=", sheet)
        .where("version", "=", version)
        .executeTakeFirst();
      assert(numUpdatedRows === 1n, `there is no draft ${version} of ${sheet}`);
    },
  };
}
