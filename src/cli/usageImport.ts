import { type Client, Refused } from "../client/client.ts";
import type { IntakeCounts, IntakeInfo, IntakeProblem } from "../client/types.ts";
import { LIMITS } from "../domain/limits.ts";
import { fileSize, readBytes } from "./files.ts";
import { startProgress } from "./progress.ts";
import { grouped } from "./output.ts";

export interface ImportedFile {
  readonly file: string;
  readonly batches: readonly number[];
  readonly counts: IntakeCounts;
  readonly problems: readonly IntakeProblem[];
  readonly problemsOmitted: number;
  /** Why the file was refused as a whole; the counts say what of it was kept. */
  readonly refusal?: { readonly code: string; readonly message: string; readonly remedy: readonly string[] };
}

const NONE: IntakeCounts = { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };

export function addCounts(a: IntakeCounts, b: IntakeCounts): IntakeCounts {
  return {
    accepted: a.accepted + b.accepted,
    duplicate: a.duplicate + b.duplicate,
    conflict: a.conflict + b.conflict,
    parked: a.parked + b.parked,
    rejected: a.rejected + b.rejected,
  };
}

export const recordsIn = (counts: IntakeCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const isNdjson = (file: string): boolean => /\.(ndjson|jsonl)(\.gz)?$/i.test(file);

/** What is sent at once: a whole page, or a piece of NDJSON that ends with a line. */
async function* bodies(file: string, read: (bytes: number) => void): AsyncGenerator<Buffer[]> {
  let piece: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readBytes(file, read)) {
    bytes += chunk.length;
    const newline = isNdjson(file) && bytes >= LIMITS.importPieceBytesMax ? chunk.lastIndexOf(0x0a) : -1;
    if (newline === -1) {
      piece.push(chunk);
      continue;
    }
    yield [...piece, chunk.subarray(0, newline + 1)];
    piece = [chunk.subarray(newline + 1)];
    bytes = piece[0]?.length ?? 0;
  }
  yield piece;
}

/**
 * Sends a file, in pieces where it is long. Sending it again is harmless: what is known already is a duplicate.
 * @throws Fault FileUnreadable, ServerUnreachable; Refused where nothing can be told of the records
 */
export async function importFile(
  client: Client,
  registration: string,
  file: string,
  options: { readonly window?: { readonly start: string; readonly end: string }; readonly progress: boolean },
): Promise<ImportedFile> {
  const progress = startProgress(file, await fileSize(file), options.progress);
  const type = isNdjson(file) ? "application/x-ndjson" : "application/json";
  let unshown = 0;
  let result: ImportedFile = { file, batches: [], counts: NONE, problems: [], problemsOmitted: 0 };
  let lines = 0;
  for await (const body of bodies(file, (bytes) => (unshown += bytes))) {
    const [intake, refusal] = await send(client, registration, { bytes: body, type }, options.window);
    const shifted = intake.problems.map((problem) => ({ ...problem, position: problem.position + lines }));
    lines += isNdjson(file) ? countLines(body) : 0;
    result = {
      file,
      batches: [...result.batches, intake.batch],
      counts: addCounts(result.counts, intake.counts),
      problems: [...result.problems, ...shifted].slice(0, LIMITS.intakeProblemsMax),
      problemsOmitted: result.problemsOmitted + intake.problemsOmitted,
      ...(refusal === undefined ? {} : { refusal }),
    };
    progress.advance(unshown, `${file}: ${grouped(recordsIn(result.counts))} records`);
    unshown = 0;
  }
  progress.stop(`${file}: ${grouped(recordsIn(result.counts))} records`);
  return result;
}

function countLines(body: readonly Buffer[]): number {
  let lines = 0;
  for (const chunk of body) for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}

async function send(
  client: Client,
  registration: string,
  stream: { readonly bytes: readonly Buffer[]; readonly type: string },
  window: { readonly start: string; readonly end: string } | undefined,
): Promise<[IntakeInfo, ImportedFile["refusal"]]> {
  try {
    return [await client.takeIn(registration, stream, window), undefined];
  } catch (error) {
    // A body that is broken as a whole may still have brought good records.
    if (!(error instanceof Refused) || error.intake === undefined) throw error;
    return [error.intake, { code: error.code, message: error.message, remedy: error.explanation.remedy }];
  }
}
