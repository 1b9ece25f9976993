import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { BEGINNING } from "../../domain/history.ts";
import type { MeterId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { PriceConfirmation } from "../../domain/rating/priceBook.ts";
import { diffSheets, type SheetDiff } from "../../domain/rating/priceDiff.ts";
import type { FileContext, SheetParts } from "../../domain/rating/priceFile.ts";
import type { PriceSheet, SheetId } from "../../domain/rating/priceSheet.ts";
import type { SheetVersion } from "../../domain/rating/store.ts";
import { METERS } from "../../domain/usage/meterCatalogue.ts";
import type { Context } from "../context.ts";

type Sheets = { readonly control: Pick<ControlStores, "prices">; readonly priceSheet: PriceSheet };

const builtInVersion = (sheet: PriceSheet): SheetVersion => ({
  sheet,
  state: "published",
  from: BEGINNING,
  createdAtMs: 0,
  createdBy: "stampbook",
  publishedAtMs: 0,
  publishedBy: "stampbook",
  reason: "",
});

/** All versions of all sheets; the built-in one comes first. */
export const allVersions = async ({ control, priceSheet }: Sheets): Promise<readonly SheetVersion[]> => [
  builtInVersion(priceSheet),
  ...(await control.prices.versions()),
];

/** @throws Fault PriceSheetNotFound */
export async function versionsOf({ control, priceSheet }: Sheets, sheet: SheetId): Promise<readonly SheetVersion[]> {
  if (sheet === priceSheet.id) return [builtInVersion(priceSheet)];
  const versions = await control.prices.versions(sheet);
  if (versions.length === 0) throw new Fault("PriceSheetNotFound", { sheet });
  return versions;
}

/** @throws Fault PriceSheetNotFound, PriceVersionNotFound */
export async function versionOf(sheets: Sheets, sheet: SheetId, version: number): Promise<SheetVersion> {
  const found = (await versionsOf(sheets, sheet)).find((so) => so.sheet.version === version);
  if (found === undefined) throw new Fault("PriceVersionNotFound", { sheet, version });
  return found;
}

/** @throws Fault PriceSheetNotFound, PriceVersionNotFound */
export async function diffVersions(
  sheets: Sheets,
  sheet: SheetId,
  { before, after }: { readonly before: number; readonly after: number },
): Promise<SheetDiff> {
  const [old, now] = [await versionOf(sheets, sheet, before), await versionOf(sheets, sheet, after)];
  return diffSheets(old.sheet, now.sheet);
}

/** Who stands by which prices of a version, in the order of recording. */
export async function confirmationsOf(
  { prices }: Pick<ControlStores, "prices">,
  { id, version }: Pick<PriceSheet, "id" | "version">,
): Promise<readonly PriceConfirmation[]> {
  const { confirmations } = await prices.records();
  return confirmations.filter((so) => so.sheet === id && so.version === version);
}

/** What a new version of a sheet is read against. */
export async function fileContext(
  { meters }: Pick<ControlStores, "meters">,
  before: SheetParts,
  builtIn: PriceSheet,
): Promise<FileContext> {
  const changes = await meters.changes();
  const told = new Set<MeterId>([
    ...changes.meters.map(({ meter }) => meter),
    ...changes.mappings.flatMap(({ meter, mapping }) => (mapping === null ? [] : [meter, mapping.commerceMeter])),
    ...[builtIn, before].flatMap(({ prices, commerceMeters }) => [
      ...[...prices.values()].map(({ commerceMeter }) => commerceMeter),
      ...commerceMeters.keys(),
      ...commerceMeters.values(),
    ]),
  ]);
  return { before, isKnown: (meter) => METERS.has(meter) || told.has(meter) };
}

const SHEET_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** @throws Fault InvalidParameter */
export function sheetIdOf(text: string): SheetId {
  if (SHEET_ID.test(text)) return text;
  const reason = "up to 64 lower-case letters, digits, points, hyphens and underscores are needed";
  throw new Fault("InvalidParameter", { parameter: "sheet", value: text, reason }, { target: "sheet" });
}

/** @throws Fault PriceSheetIsBuiltIn */
export function mustBeOwn({ priceSheet }: Pick<Context, "priceSheet">, sheet: SheetId): void {
  if (sheet === priceSheet.id) throw new Fault("PriceSheetIsBuiltIn", { sheet });
}

/** @throws Fault PriceSheetsTooMany */
export function mustHaveRoom(versions: readonly SheetVersion[], sheet: SheetId): void {
  const sheets = new Set(versions.map((so) => so.sheet.id));
  if (!sheets.has(sheet) && sheets.size >= LIMITS.priceSheetsMax) {
    throw new Fault("PriceSheetsTooMany", { max: LIMITS.priceSheetsMax, what: "price sheets" });
  }
  if (versions.filter((so) => so.sheet.id === sheet).length >= LIMITS.sheetVersionsMax) {
    throw new Fault("PriceSheetsTooMany", { max: LIMITS.sheetVersionsMax, what: "versions of a price sheet" });
  }
}
