import type { Document, DocumentHead } from "../../domain/statement/document.ts";
import { headPieces } from "../../domain/statement/headPieces.ts";
import type { Context } from "../context.ts";

/** Each question to the store costs as much as a few dozen lines. */
const AT_ONCE = { linesMax: 2_000, documentsMax: 500 };

/** Documents with all of their lines, some at a time. */
export async function* wholeDocuments(
  { control }: Pick<Context, "control">,
  heads: readonly Pick<DocumentHead, "number" | "lineCount">[],
): AsyncGenerator<readonly Document[]> {
  for (const piece of headPieces(heads, AT_ONCE)) {
    yield await control.documents.findMany(piece.map(({ number }) => number));
  }
}
