import { Readable } from "node:stream";
import { type Client, Refused } from "../client/client.ts";
import type { CatalogueImportInfo, CatalogueRowInfo } from "../client/types.ts";
import { piecesOf } from "../client/pieces.ts";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { csvRecords } from "../lib/csvRecords.ts";
import { fileSize, readBytes, readJsonFile } from "./files.ts";
import { grouped } from "./output.ts";
import { startProgress } from "./progress.ts";

export type CatalogueCounts = CatalogueImportInfo["counts"];

export interface ImportedCatalogue {
  readonly file: string;
  readonly counts: CatalogueCounts;
  /** Rejected rows, the first ones. */
  readonly rejected: readonly CatalogueRowInfo[];
  /** Why the file was refused as a whole; the counts say what of it was kept. */
  readonly refusal?: { readonly code: string; readonly message: string; readonly remedy: readonly string[] };
}

/** A part of the file that is a body of its own. */
interface Piece {
  readonly bytes: AsyncIterable<Buffer> | Iterable<Buffer>;
  readonly type: string;
  /** What to add to a position in the piece for the position in the file; known once the piece has been read. */
  readonly shift: () => number;
}

const NDJSON = "application/x-ndjson";
/** No row that can be accepted is shorter than 90 bytes. */
const NDJSON_PIECE_BYTES = LIMITS.cataloguePieceSentRowsMax * 90;

/**
 * Sends a catalogue file, in pieces: CSV, NDJSON, or JSON as `catalogue list --json` prints it. Sending it again is
 * harmless: what is known already stays unchanged.
 * @param heard gets every row's result, piece by piece
 * @throws Fault FileUnreadable, InvalidRequestContent, ServerUnreachable; Refused where nothing can be told of the rows
 */
export async function importCatalogueFile(
  client: Client,
  file: string,
  options: { readonly progress: boolean; readonly heard?: (rows: readonly CatalogueRowInfo[]) => Promise<void> },
): Promise<ImportedCatalogue> {
  const progress = startProgress(file, await fileSize(file), options.progress);
  const counts = { added: 0, changed: 0, unchanged: 0, rejected: 0 };
  const said = (): string => `${file}: ${grouped(Object.values(counts).reduce((a, b) => a + b))} rows`;
  let rejected: readonly CatalogueRowInfo[] = [];
  let refusal: ImportedCatalogue["refusal"];
  for await (const { bytes, type, shift } of piecesIn(file, (read) => progress.advance(read, said()))) {
    const [result, refused] = await send(client, { bytes, type });
    for (const outcome of ["added", "changed", "unchanged", "rejected"] as const)
      counts[outcome] += result.counts[outcome];
    const rows = result.rows.map((row) => ({ ...row, position: row.position + shift() }));
    await options.heard?.(rows);
    rejected = [...rejected, ...rows.filter((row) => row.outcome === "rejected")].slice(0, LIMITS.intakeProblemsMax);
    refusal = refused;
    if (refusal !== undefined) break;
  }
  progress.stop(said());
  return { file, counts, rejected, ...(refusal === undefined ? {} : { refusal }) };
}

function piecesIn(file: string, read: (bytes: number) => void): AsyncIterable<Piece> {
  if (/\.csv(\.gz)?$/i.test(file)) return csvPieces(readBytes(file, read));
  if (/\.(ndjson|jsonl)(\.gz)?$/i.test(file)) return linePieces(readBytes(file, read));
  if (/\.json$/i.test(file)) return jsonPieces(file);
  throw new Fault("FileUnreadable", {
    file,
    reason: "its name ends in none of .csv, .ndjson, .jsonl (or these with .gz), .json",
  });
}

/** Each piece begins with the header and ends with a record. */
async function* csvPieces(bytes: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  let header: Buffer | undefined;
  let first = 0;
  let rows: Buffer[] = [];
  const piece = (): Piece => {
    const content = [header!, NEWLINE, ...rows];
    const shift = first - 2;
    rows = [];
    return { bytes: content, type: "text/csv", shift: () => shift };
  };
  for await (const records of csvRecords(bytes, LIMITS.catalogueRowBytesMax)) {
    for (const { position, bytes: record, broken } of records) {
      if (header === undefined) {
        header = record;
        continue;
      }
      if (rows.length === 0) first = position;
      // What was too long to keep is sent as a row that is refused for the same reason.
      rows.push(broken === "too-large" ? Buffer.alloc(LIMITS.catalogueRowBytesMax + 1, "x") : record);
      rows.push(NEWLINE);
      if (rows.length >= 2 * LIMITS.cataloguePieceSentRowsMax) yield piece();
    }
  }
  header ??= Buffer.alloc(0);
  if (rows.length > 0 || first === 0) yield piece();
}

const NEWLINE = Buffer.from("\n");

async function* linePieces(bytes: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  let lines = 0;
  for await (const piece of piecesOf(bytes, NDJSON_PIECE_BYTES)) {
    const before = lines;
    yield { bytes: piece.bytes, type: NDJSON, shift: () => before };
    lines += piece.lines;
  }
}

/** A small file: an array of rows, or an object with a `value` array. */
async function* jsonPieces(file: string): AsyncGenerator<Piece> {
  const content = await readJsonFile<unknown>(file);
  const rows: unknown = Array.isArray(content) ? content : (content as { value?: unknown } | null)?.value;
  if (!Array.isArray(rows)) {
    const reason = `${file} holds neither an array nor an object with a value array`;
    throw new Fault("InvalidRequestContent", { reason });
  }
  for (let from = 0; from < rows.length; from += LIMITS.cataloguePieceSentRowsMax) {
    const piece = rows.slice(from, from + LIMITS.cataloguePieceSentRowsMax);
    const lines = piece.map((row) => `${JSON.stringify(row)}\n`).join("");
    yield { bytes: Readable.from([Buffer.from(lines)]), type: NDJSON, shift: () => from };
  }
}

async function send(
  client: Client,
  stream: { readonly bytes: Piece["bytes"]; readonly type: string },
): Promise<[CatalogueImportInfo, ImportedCatalogue["refusal"]]> {
  try {
    return [await client.importCatalogue(stream), undefined];
  } catch (error) {
    // A body that is broken as a whole may still have brought good rows.
    const kept = error instanceof Refused ? (error.details as CatalogueImportInfo | undefined) : undefined;
    if (!(error instanceof Refused) || kept?.counts === undefined) throw error;
    return [kept, { code: error.code, message: error.message, remedy: error.explanation.remedy }];
  }
}
