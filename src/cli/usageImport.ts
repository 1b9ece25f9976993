import { type Client, Refused } from "../client/client.ts";
import { piecesOf } from "../client/pieces.ts";
import type { IntakeOutcome } from "../client/intakeLines.ts";
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

/** What a file holds that is not lines. */
export const FILE_TYPES = {
  page: "application/json",
  events: "application/cloudevents-batch+json",
  event: "application/cloudevents+json",
} as const;

export interface ImportChoices {
  readonly window?: { readonly start: string; readonly end: string };
  /** Of a file that is not lines; a stamp's answer unless given. */
  readonly type?: keyof typeof FILE_TYPES;
  readonly progress: boolean;
  /** Told what became of each record, by its position in the file. */
  readonly heard?: (outcomes: readonly IntakeOutcome[]) => Promise<void>;
}

/**
 * Sends a file, in pieces where it is long. Sending it again is harmless: what is known already is a duplicate.
 * @throws Fault FileUnreadable, ServerUnreachable; Refused where nothing can be told of the records
 */
export async function importFile(
  client: Client,
  registration: string,
  file: string,
  options: ImportChoices,
): Promise<ImportedFile> {
  const progress = startProgress(file, await fileSize(file), options.progress);
  const lines = isNdjson(file);
  const type = lines ? "application/x-ndjson" : FILE_TYPES[options.type ?? "page"];
  let result: ImportedFile = { file, batches: [], counts: NONE, problems: [], problemsOmitted: 0 };
  let position = 0;
  const said = (): string => `${file}: ${grouped(recordsIn(result.counts))} records`;
  const bytes = readBytes(file, (read) => progress.advance(read, said()));
  for await (const piece of piecesOf(bytes, lines ? LIMITS.importPieceBytesMax : undefined)) {
    const before = position;
    const stream = { bytes: piece.bytes, type };
    const { heard } = options;
    const [intake, refusal] =
      heard === undefined
        ? await send(client, registration, { stream, window: options.window })
        : await sendHearing(client, registration, {
            stream,
            window: options.window,
            heard: (outcomes) => heard(outcomes.map((so) => ({ ...so, position: so.position + before }))),
          });
    position += lines ? piece.lines : 0;
    const shifted = intake.problems.map((problem) => ({ ...problem, position: problem.position + before }));
    result = {
      file,
      batches: [...result.batches, intake.batch],
      counts: addCounts(result.counts, intake.counts),
      problems: [...result.problems, ...shifted].slice(0, LIMITS.intakeProblemsMax),
      problemsOmitted: result.problemsOmitted + intake.problemsOmitted,
      ...(refusal === undefined ? {} : { refusal }),
    };
    // What is broken as a whole has not been read to its end, so nobody knows where the next piece would begin.
    if (refusal !== undefined) break;
  }
  progress.stop(said());
  return result;
}

interface Sending {
  readonly stream: { readonly bytes: AsyncIterable<Buffer>; readonly type: string };
  readonly window: { readonly start: string; readonly end: string } | undefined;
}

async function send(
  client: Client,
  registration: string,
  { stream, window }: Sending,
): Promise<[IntakeInfo, ImportedFile["refusal"]]> {
  try {
    return [await client.takeIn(registration, stream, window), undefined];
  } catch (error) {
    return refusedIntake(error);
  }
}

/** A body that is broken as a whole may still have brought good records. */
function refusedIntake(error: unknown): [IntakeInfo, ImportedFile["refusal"]] {
  if (!(error instanceof Refused) || error.intake === undefined) throw error;
  return [error.intake, { code: error.code, message: error.message, remedy: error.explanation.remedy }];
}

async function sendHearing(
  client: Client,
  registration: string,
  {
    stream,
    window,
    heard,
  }: Sending & {
    readonly heard: (outcomes: readonly IntakeOutcome[]) => Promise<void>;
  },
): Promise<[IntakeInfo, ImportedFile["refusal"]]> {
  const problems: IntakeProblem[] = [];
  let problemsFound = 0;
  const onLines = async (lines: readonly string[]): Promise<void> => {
    const outcomes = lines.map((line) => JSON.parse(line) as IntakeOutcome);
    for (const outcome of outcomes) {
      if (outcome.outcome === "accepted" || outcome.outcome === "duplicate") continue;
      problemsFound += 1;
      if (problems.length < LIMITS.intakeProblemsMax) problems.push(outcome as IntakeProblem);
    }
    await heard(outcomes);
  };
  try {
    const { batch, counts, error } = await client.takeInByLines(registration, stream, {
      ...(window === undefined ? {} : { window }),
      onLines,
    });
    return [{ batch: batch ?? 0, counts, problems, problemsOmitted: problemsFound - problems.length }, error];
  } catch (error) {
    return refusedIntake(error);
  }
}
