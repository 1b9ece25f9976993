import fc from "fast-check";
import { expect, test } from "vitest";
import { piecesOf } from "./pieces.ts";

// Goal: pieces joined are the file, each ends with a line, and none but the first is empty. Method: any lines in any chunks.

async function cut(chunks: Buffer[], bytesMin?: number): Promise<{ text: string; lines: number }[]> {
  const pieces: { text: string; lines: number }[] = [];
  for await (const piece of piecesOf(chunks, bytesMin)) {
    const parts: Buffer[] = [];
    for await (const part of piece.bytes) parts.push(part);
    pieces.push({ text: Buffer.concat(parts).toString(), lines: piece.lines });
  }
  return pieces;
}

test("any lines in any chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 0, maxLength: 12, unit: "grapheme-ascii" }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 40 }),
      async (lines, chunkBytes, bytesMin) => {
        const file = Buffer.from(lines.map((line) => line.replaceAll("\n", "")).join("\n"));
        const chunks: Buffer[] = [];
        for (let at = 0; at < file.length; at += chunkBytes) chunks.push(file.subarray(at, at + chunkBytes));
        const pieces = await cut(chunks, bytesMin);
        expect(pieces.map(({ text }) => text).join("")).toBe(file.toString());
        for (const { text } of pieces.slice(0, -1)) {
          expect(text.endsWith("\n")).toBe(true);
          expect(text.length).toBeGreaterThanOrEqual(bytesMin);
          expect(text.slice(bytesMin - 1, -1)).not.toContain("\n");
        }
        for (const { text } of pieces.slice(1)) expect(text).not.toBe("");
        for (const { text, lines: counted } of pieces) expect(counted).toBe(text.split("\n").length - 1);
      },
    ),
  );
});

test("an empty file is one empty piece, and without a size there is one piece", async () => {
  expect(await cut([])).toEqual([{ text: "", lines: 0 }]);
  expect(await cut([Buffer.from("a\nb\n"), Buffer.from("c\n")])).toEqual([{ text: "a\nb\nc\n", lines: 3 }]);
});
