import { expect, test } from "vitest";
import { headPieces } from "./headPieces.ts";

// Goal: every document is in one piece, in order, and no piece has more lines than may be read at once unless it is one document.
// Method: sizes around the limits.

const heads = (...lines: readonly number[]) => lines.map((lineCount, i) => ({ number: i, lineCount }));

test.each([
  [[], []],
  [[0], [[0]]],
  [
    [9, 1, 1],
    [[9, 1], [1]],
  ],
  [
    [11, 3, 11, 0],
    [[11], [3], [11], [0]],
  ],
  [
    [0, 0, 0, 0],
    [[0, 0, 0], [0]],
  ],
  [
    [5, 5, 5, 5, 1],
    [[5, 5], [5, 5], [1]],
  ],
])("documents of %j lines are read in pieces of %j", (lines, pieces) => {
  const told = [...headPieces(heads(...lines), { linesMax: 10, documentsMax: 3 })];
  expect(told.map((piece) => piece.map(({ lineCount }) => lineCount))).toEqual(pieces);
  expect(told.flat().map(({ number }) => number)).toEqual(lines.map((_, i) => i));
});
