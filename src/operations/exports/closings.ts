import type { ExportTarget } from "../../domain/exports.ts";
import type { Closing, DocumentHead } from "../../domain/statement/document.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { formatInstant } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { dailyRatedCsv } from "./dailyRated.ts";
import { inPieces } from "./exportFacts.ts";
import { focusCsv } from "./focus.ts";
import { focusParquet } from "./focusParquet.ts";

const ID_DIGITS = 6;

/** Goes up when the files of a closing are other ones. */
const MANIFEST_FORMAT = 1;

/** A folder of its own for each closing. No name of a partner can lead out of it. */
const folderOf = ({ id, period, partner }: Closing): string =>
  `${period}/partner-${encodeURIComponent(partner)}/closing-${String(id).padStart(ID_DIGITS, "0")}`;

/** What a closing is exported as. */
const FILES: Readonly<Record<string, (context: Context, heads: readonly DocumentHead[]) => AsyncIterable<Buffer>>> = {
  "focus.csv": (context, heads) => focusCsv(context, inPieces(heads)),
  "focus.parquet": (context, heads) => focusParquet(context, inPieces(heads)),
  "daily-rated.csv": dailyRatedCsv,
};

/**
 * Exports closings, and issues of corrections, whose documents are not at a target yet; oldest first. The manifest comes
 * last, and a closing is there when its manifest is: what was broken off is exported anew.
 * @param done closings that are known to be there; those that are found or exported are added
 * @returns what was exported
 */
export async function exportClosings(
  context: Context,
  target: ExportTarget,
  { done, stopped }: { readonly done: Set<number>; readonly stopped: () => boolean },
): Promise<readonly string[]> {
  const exported: string[] = [];
  for (const closing of await context.control.documents.closings({})) {
    if (stopped()) break;
    if (done.has(closing.id)) continue;
    const folder = folderOf(closing);
    if (!(await target.has(`${folder}/manifest.json`))) {
      await exportClosing(context, target, closing);
      exported.push(folder);
    }
    done.add(closing.id);
  }
  return exported;
}

async function exportClosing(context: Context, target: ExportTarget, closing: Closing): Promise<void> {
  const { control, exportSpool: spool } = context;
  const heads = await control.documents.list({ closing: closing.id });
  const path = await spool.newPath();
  const put = async (name: string) => {
    const { bytes, sha256 } = await spool.finished(path);
    await target.put(`${folderOf(closing)}/${name}`, { path, bytes, sha256 });
    await spool.remove(path);
    return { file: name, bytes, sha256 };
  };
  try {
    const files = [];
    for (const [name, bytesOf] of Object.entries(FILES)) {
      await spool.write(path, bytesOf(context, heads));
      faultPoint("export: file written");
      files.push(await put(name));
      faultPoint("export: file kept");
    }
    const { id, kind, period, partner, closedAtMs } = closing;
    const facts = { closing: id, kind, period, partner, closedAt: formatInstant(closedAtMs), documents: heads.length };
    await spool.write(path, oneText(`${JSON.stringify({ format: MANIFEST_FORMAT, ...facts, files }, undefined, 1)}\n`));
    await put("manifest.json");
    faultPoint("export: manifest kept");
  } finally {
    await spool.remove(path);
  }
}

async function* oneText(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
