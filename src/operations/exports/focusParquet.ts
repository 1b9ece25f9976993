import { type IssuedHead, LINES_IN_PIECE } from "../../domain/statement/document.ts";
import { type MadeGroup, parquetFile } from "../../lib/parquet/parquet.ts";
import { readAhead } from "../../lib/readAhead.ts";
import type { Context } from "../context.ts";
import { loadExportFacts, type ToldNames } from "./exportFacts.ts";
import { FOCUS_PARQUET, type FocusGroup, type GroupOfDocuments, makeFocusGroup } from "./focusGroup.ts";
import { BilledSums, type FocusSource, type SomeDocuments } from "./focusRows.ts";

/** Makes groups of rows of FOCUS beside everything else, several at once. */
export interface FocusThreads {
  /** How many groups are made at once. */
  readonly count: number;
  /** Of what is thrown in a thread, message and cause are told, and not its class. */
  make(group: GroupOfDocuments): Promise<FocusGroup>;
  close(): Promise<void>;
}

export interface GroupSizes {
  /** Rows of one group, which are held until it is full: whole pieces of lines. */
  readonly rowsMax: number;
  /** Documents of one group. */
  readonly documentsMax: number;
  /** A group of fewer lines is made faster than a thread is started. */
  readonly linesInThreadMin: number;
}

const SIZES: GroupSizes = { rowsMax: 100 * LINES_IN_PIECE, documentsMax: 5_000, linesInThreadMin: 10_000 };

export type FocusContext = FocusSource & Pick<Context, "control" | "clock" | "focusThreads">;

/** Documents of one group of rows after the other; one that fills more than a group is told in stretches. */
async function* groupsOf(pieces: HeadPieces, { rowsMax, documentsMax }: GroupSizes): AsyncGenerator<SomeDocuments> {
  let [heads, lines]: [IssuedHead[], number] = [[], 0];
  for await (const some of pieces) {
    for (const head of some) {
      const { lineCount } = head;
      if (heads.length === documentsMax || (heads.length > 0 && lines + lineCount > rowsMax)) {
        yield { heads };
        [heads, lines] = [[], 0];
      }
      if (lineCount > rowsMax) {
        for (let from = 1; from <= lineCount; from += rowsMax) {
          yield { heads: [head], stretch: { from, to: Math.min(from + rowsMax - 1, lineCount) } };
        }
        continue;
      }
      heads.push(head);
      lines += lineCount;
    }
  }
  if (heads.length > 0) yield { heads };
}

/** Documents in their order, some at a time. */
export type HeadPieces = AsyncIterable<readonly IssuedHead[]> | Iterable<readonly IssuedHead[]>;

async function* madeGroups(context: FocusContext, heads: HeadPieces, sizes: GroupSizes): AsyncGenerator<MadeGroup> {
  const names = await loadExportFacts(context);
  const billed = new BilledSums();
  const questions = questionsOf(context, names, groupsOf(heads, sizes), sizes);
  for await (const { group, made } of readAhead(questions, context.focusThreads.count + 1)) {
    for (const [number, sum] of made.billed) billed.add(number, sum);
    const { heads: told, stretch } = group;
    for (const head of told) if (stretch === undefined || stretch.to === head.lineCount) billed.check(head);
    if (made.rows > 0) yield made;
  }
}

async function* questionsOf(
  context: FocusContext,
  names: ToldNames,
  groups: AsyncIterable<SomeDocuments>,
  { linesInThreadMin }: GroupSizes,
) {
  for await (const documents of groups) {
    const group: GroupOfDocuments = { ...documents, names, lines: linesOf(documents) };
    yield async () => {
      const made =
        group.lines < linesInThreadMin ? await makeFocusGroup(context, group) : await context.focusThreads.make(group);
      return { group, made };
    };
  }
}

const linesOf = ({ heads, stretch }: SomeDocuments): number =>
  stretch === undefined ? heads.reduce((so, { lineCount }) => so + lineCount, 0) : stretch.to - stretch.from + 1;

/** Rows as Parquet, in the order of their documents: no more groups are held than are made at once, and two. */
export const focusParquet = (context: FocusContext, heads: HeadPieces, sizes = SIZES): AsyncGenerator<Buffer> =>
  parquetFile(FOCUS_PARQUET, madeGroups(context, heads, sizes));
