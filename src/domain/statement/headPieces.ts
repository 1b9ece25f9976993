import type { DocumentHead } from "./document.ts";

export interface PieceSize {
  /** A document of more lines is alone. */
  readonly linesMax: number;
  readonly documentsMax?: number;
}

/** Documents that follow each other, in pieces of which all lines are read at once. */
export function* headPieces<Head extends Pick<DocumentHead, "lineCount">>(
  heads: readonly Head[],
  { linesMax, documentsMax = Number.POSITIVE_INFINITY }: PieceSize,
): Generator<readonly Head[]> {
  let [piece, lines]: [Head[], number] = [[], 0];
  for (const head of heads) {
    if (piece.length > 0 && (lines + head.lineCount > linesMax || piece.length === documentsMax)) {
      yield piece;
      [piece, lines] = [[], 0];
    }
    piece.push(head);
    lines += head.lineCount;
  }
  if (piece.length > 0) yield piece;
}
