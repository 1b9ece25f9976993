import fc from "fast-check";
import { expect, test } from "vitest";
import { guid } from "../../lib/prng.ts";
import { nearest, survivingPieces } from "./nearIds.ts";

const ID = guid(1, 2);
const entry = (subscription: string) => ({ subscription });

type Edit = { readonly kind: "replace" | "insert" | "remove"; readonly at: number; readonly char: string };
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("replace", "insert", "remove"),
  at: fc.nat({ max: 35 }),
  char: fc.constantFrom("0", "3", "7", "a", "c", "f", "x", "O", "-", "%", "_"),
});
const edited = (text: string, { kind, at, char }: Edit): string =>
  text.slice(0, at) + (kind === "remove" ? "" : char) + text.slice(kind === "insert" ? at : at + 1);

test("whatever two edits do to an id, it holds a surviving piece and is found again", () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 2 }), (seed, edits) => {
      const id = guid(seed, 7);
      const given = edits.reduce(edited, id);
      fc.pre(given.toLowerCase() !== id);
      expect(survivingPieces(given).some((piece) => id.includes(piece))).toBe(true);
      expect(nearest(given, [entry(id)], 5)).toEqual([entry(id)]);
    }),
    { numRuns: 2_000 },
  );
});

test("nearest first, at most so many, never the id itself, and nothing three edits away", () => {
  const [one, two, three] = [`${ID.slice(0, -1)}g`, `${ID.slice(0, -2)}gg`, `${ID.slice(0, -3)}ggg`];
  const entries = [entry(three), entry(two), entry(ID), entry(one)];
  expect(nearest(ID.toUpperCase(), entries, 5)).toEqual([entry(one), entry(two)]);
  expect(nearest(ID, entries, 1)).toEqual([entry(one)]);
});

test.each(["", "x", "not-a-guid", ID.repeat(1_000), ID.slice(3)])(
  "'%s' is near no id: nothing is looked for",
  (given) => {
    expect(survivingPieces(given)).toEqual([]);
  },
);
