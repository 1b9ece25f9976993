import type { Hour } from "../ids.ts";
import type { FxRate, PriceConfirmation, PriceRecords } from "./priceBook.ts";
import type { PriceSheet, SheetId } from "./priceSheet.ts";
import type { PriceAssignment } from "./priceTerms.ts";

/** A version as it is kept: a draft may still change, what is published never does. */
export interface SheetVersion {
  readonly sheet: PriceSheet;
  readonly state: "draft" | "published";
  /** Undefined while it is a draft. */
  readonly from: Hour | undefined;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly publishedAtMs: number | undefined;
  readonly publishedBy: string | undefined;
  readonly reason: string;
}

export interface PriceStore {
  /** Everything that counts, for the price book. */
  records(): Promise<PriceRecords>;
  /** All versions of a sheet, or of all sheets, in order; drafts included. */
  versions(sheet?: SheetId): Promise<readonly SheetVersion[]>;
  /** Puts a draft in the place of the draft of that number, if there is one. */
  putDraft(sheet: PriceSheet, by: { readonly atMs: number; readonly name: string }): Promise<void>;
  removeDraft(sheet: SheetId, version: number): Promise<void>;
  publish(
    sheet: SheetId,
    version: number,
    how: { readonly from: Hour; readonly atMs: number; readonly by: string; readonly reason: string },
  ): Promise<void>;
  assign(assignment: Omit<PriceAssignment, "id">): Promise<void>;
  confirm(confirmation: PriceConfirmation): Promise<void>;
  addFxRate(rate: Omit<FxRate, "id">): Promise<void>;
}
