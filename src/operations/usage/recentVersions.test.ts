import { expect, test } from "vitest";
import { registrationId } from "../../domain/ids.ts";
import { RecentVersions } from "./recentVersions.ts";

const NORTH = registrationId(1);
const SOUTH = registrationId(2);
const piece = (key: string) => [{ key, content: "c" }];
const keys = (recent: RecentVersions, generation: number) => recent.since(NORTH, generation)?.map(({ key }) => key);

test("tells what was stored for a registration since a moment", () => {
  const recent = new RecentVersions();
  const begin = recent.generation;
  recent.add(NORTH, piece("a"));
  const middle = recent.generation;
  recent.add(SOUTH, piece("x"));
  recent.add(NORTH, piece("b"));
  expect(keys(recent, begin)).toEqual(["a", "b"]);
  expect(keys(recent, middle)).toEqual(["b"]);
  expect(keys(recent, recent.generation)).toEqual([]);
});

test("says so when it has forgotten, and never forgets in silence", () => {
  const recent = new RecentVersions();
  const begin = recent.generation;
  for (const key of ["a", "b", "c"]) recent.add(NORTH, piece(key));
  expect(keys(recent, begin)).toEqual(["a", "b", "c"]);
  recent.add(NORTH, piece("d"));
  expect(keys(recent, begin)).toBeUndefined();
  expect(keys(recent, begin + 1)).toEqual(["b", "c", "d"]);
});
