import { expect, test } from "vitest";
import { registrationId } from "../../domain/ids.ts";
import type { KnownEntry } from "../../domain/usage/entry.ts";
import { RecentVersions } from "./recentVersions.ts";

const NORTH = registrationId(1);
const SOUTH = registrationId(2);
const piece = (key: string): readonly KnownEntry[] => [
  { key, content: "c", held: "no", kind: "delivery", sign: 1, decision: 0, ended: 0 },
];
const keys = (recent: RecentVersions, generation: number) => recent.since(NORTH, generation)?.map(({ key }) => key);

function begun(): RecentVersions {
  const recent = new RecentVersions();
  recent.begin(NORTH);
  recent.begin(SOUTH);
  return recent;
}

test("tells what was stored for a registration since a moment", () => {
  const recent = begun();
  const begin = recent.generation;
  recent.add(NORTH, piece("a"));
  const middle = recent.generation;
  recent.add(SOUTH, piece("x"));
  recent.add(NORTH, piece("b"));
  expect(keys(recent, begin)).toEqual(["a", "b"]);
  expect(keys(recent, middle)).toEqual(["b"]);
  expect(keys(recent, recent.generation)).toEqual([]);
});

test("says so when it has dropped something, and never drops in silence", () => {
  const recent = begun();
  const begin = recent.generation;
  for (const key of ["a", "b", "c", "d"]) recent.add(NORTH, piece(key));
  expect(keys(recent, begin)).toEqual(["a", "b", "c", "d"]);
  recent.add(NORTH, piece("e"));
  expect(keys(recent, begin)).toBeUndefined();
  expect(keys(recent, begin + 1)).toEqual(["b", "c", "d", "e"]);
});

test("after a piece of which nobody knows whether it was stored, look-ups from before are worth nothing", () => {
  const recent = begun();
  const begin = recent.generation;
  recent.add(NORTH, piece("a"));
  recent.forget(NORTH);
  expect(keys(recent, begin)).toBeUndefined();
  expect(recent.since(SOUTH, begin)).toEqual([]);
  expect(keys(recent, recent.generation)).toEqual([]);
});

test("remembers nothing for a registration of which no intake is under way", () => {
  const recent = begun();
  recent.begin(NORTH);
  const begin = recent.generation;
  recent.add(NORTH, piece("a"));
  recent.end(NORTH);
  expect(keys(recent, begin)).toEqual(["a"]);
  recent.end(NORTH);
  expect(keys(recent, begin)).toBeUndefined();
});
