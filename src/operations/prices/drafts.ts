import { Fault } from "../../domain/faults/fault.ts";
import { type Hour, hourFrom, hourStartMs } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { diffSheets, type SheetDiff } from "../../domain/rating/priceDiff.ts";
import { mustKeepCurrency, type RowProblem, sheetOfRows } from "../../domain/rating/priceFile.ts";
import type { PriceRow } from "../../domain/rating/priceRow.ts";
import type { PriceSheet, SheetId } from "../../domain/rating/priceSheet.ts";
import type { SheetVersion } from "../../domain/rating/store.ts";
import { formatInstant } from "../../lib/instant.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { mustBeOpen } from "./closed.ts";
import { csvRows } from "./csvFile.ts";
import { jsonRows } from "./jsonFile.ts";
import { fileContext, mustBeOwn, mustHaveRoom, sheetIdOf } from "./versions.ts";

export type PriceFileFormat = "csv" | "json";

/** A price file that was refused, and the rows that it was refused for: the first ones, and how many more there are. */
export class PriceFileRefused extends Error {
  readonly problems: readonly RowProblem[];
  readonly problemsOmitted: number;

  constructor(problems: readonly RowProblem[]) {
    super(`${problems.length} rows are wrong`);
    this.problems = problems.slice(0, LIMITS.intakeProblemsMax);
    this.problemsOmitted = problems.length - this.problems.length;
  }
}

export interface ImportedDraft {
  readonly sheet: PriceSheet;
  /** A draft was there, and this one stands in its place. */
  readonly replaced: boolean;
  /** What it says otherwise than the newest published version; undefined where there is none. */
  readonly diff: SheetDiff | undefined;
}

/**
 * Makes a file the draft of a sheet, in the place of the draft that may be there; nothing of it unless every row is right.
 * @throws Fault InvalidParameter, RequestTooLarge, PriceSheetIsBuiltIn, PriceSheetsTooMany, PriceFileUnreadable,
 * PriceColumnUnknown, PriceColumnMissing; PriceFileRefused with what is wrong in which row
 */
export async function importDraft(
  context: Context,
  caller: Caller,
  {
    sheet: text,
    body,
    format,
  }: {
    readonly sheet: string;
    readonly body: AsyncIterable<Buffer>;
    readonly format: PriceFileFormat;
  },
): Promise<ImportedDraft> {
  const { control, clock, priceSheet } = context;
  const id = sheetIdOf(text);
  mustBeOwn(context, id);
  const bytes = await bounded(body);
  const rows: readonly PriceRow[] = format === "csv" ? await csvRows(bytes) : jsonRows(bytes);
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const everything = await stores.prices.versions();
    const versions = everything.filter((so) => so.sheet.id === id);
    const draft = versions.find(({ state }) => state === "draft");
    const last = newestPublished(versions);
    if (draft === undefined) mustHaveRoom(everything, id);
    const before = last?.sheet ?? { ...priceSheet, name: id };
    const read = sheetOfRows(rows, {
      ...(await fileContext(stores, before, priceSheet)),
      published: firstPublished(versions),
    });
    if ("problems" in read) throw new PriceFileRefused(read.problems);
    const sheet = { id, version: draft?.sheet.version ?? versions.length + 1, ...read.parts };
    await stores.prices.putDraft(sheet, { atMs, name: caller.name });
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/priceSheets/write",
      target: `/v1/price-sheets/${id}/draft`,
      outcome: "done",
      detail: { version: sheet.version, prices: sheet.prices.size, replaced: draft !== undefined },
    });
    return { sheet, replaced: draft !== undefined, diff: last && diffSheets(last.sheet, sheet) };
  });
}

/** The published version that counts from the latest hour. */
const newestPublished = (versions: readonly SheetVersion[]): SheetVersion | undefined =>
  versions.filter(({ state }) => state === "published").sort((a, b) => b.from! - a.from!)[0];

const firstPublished = (versions: readonly SheetVersion[]): PriceSheet | undefined =>
  versions.find(({ state }) => state === "published")?.sheet;

/** @throws Fault RequestTooLarge */
async function bounded(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LIMITS.priceFileBytesMax) {
      throw new Fault("RequestTooLarge", { bytesMax: LIMITS.priceFileBytesMax });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** False when there was none. */
export async function discardDraft({ control, clock }: Context, caller: Caller, sheet: SheetId): Promise<boolean> {
  const atMs = clock.now();
  return await control.transaction(async ({ prices, audit }) => {
    const draft = (await prices.versions(sheet)).find(({ state }) => state === "draft");
    if (draft === undefined) return false;
    await prices.removeDraft(sheet, draft.sheet.version);
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/priceSheets/delete",
      target: `/v1/price-sheets/${sheet}/draft`,
      outcome: "done",
      detail: { version: draft.sheet.version },
    });
    return true;
  });
}

export interface Published {
  readonly version: number;
  readonly from: Hour;
}

/**
 * Makes the draft of a sheet a version that never changes, and that counts from an hour on.
 * @throws Fault PriceSheetIsBuiltIn, PriceSheetNotFound, PriceDraftNotFound, PriceVersionHourTaken, PriceCurrencyChanged,
 * PriceChangeInClosedPeriod
 */
export async function publishDraft(
  context: Context,
  caller: Caller,
  {
    sheet,
    fromMs,
    reason,
    isCorrection,
  }: {
    readonly sheet: SheetId;
    readonly fromMs: number;
    readonly reason: string;
    /** It is meant to count in a closed period. */
    readonly isCorrection: boolean;
  },
): Promise<Published> {
  const { control, clock } = context;
  mustBeOwn(context, sheet);
  const from = hourFrom(fromMs);
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const versions = await stores.prices.versions(sheet);
    if (versions.length === 0) throw new Fault("PriceSheetNotFound", { sheet });
    const draft = versions.find(({ state }) => state === "draft");
    if (draft === undefined) throw new Fault("PriceDraftNotFound", { sheet });
    const taken = versions.find((so) => so.from === from);
    if (taken !== undefined) {
      const params = { sheet, version: taken.sheet.version, from: formatInstant(hourStartMs(from)) };
      throw new Fault("PriceVersionHourTaken", params);
    }
    mustKeepCurrency(firstPublished(versions), draft.sheet.currency);
    await mustBeOpen(stores, context, { from, isCorrection });
    const { version } = draft.sheet;
    await stores.prices.publish(sheet, version, { from, atMs, by: caller.name, reason });
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/priceSheets/publish/action",
      target: `/v1/price-sheets/${sheet}/versions/${version}`,
      outcome: "done",
      detail: { from: formatInstant(hourStartMs(from)), reason, correction: isCorrection },
    });
    return { version, from };
  });
}
