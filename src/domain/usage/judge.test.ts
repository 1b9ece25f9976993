import { describe, expect, test } from "vitest";
import type { Entry } from "./entry.ts";
import { entriesMadeBy, VERDICTS, Versions } from "./judge.ts";

const entry = (content: string, rest: Partial<Entry> = {}) => ({
  key: "k",
  content,
  held: "no" as const,
  kind: "delivery" as const,
  sign: 1 as const,
  decision: 0,
  ended: 0,
  ...rest,
});
const withdrawn = (content: string, decision: number, rest: Partial<Entry> = {}) =>
  entry(content, { kind: "withdrawal", sign: -1, decision, ...rest });

test("versions of a key are judged in order", () => {
  const versions = new Versions();
  versions.add({ ...entry("a"), key: "stored" });
  const rows: [string, string, string][] = [
    ["stored", "a", "duplicate"],
    ["stored", "b", "conflict"],
    ["stored", "b", "duplicate"],
    ["fresh", "a", "new"],
    ["fresh", "a", "duplicate"],
    ["fresh", "b", "conflict"],
  ];
  for (const [key, content, outcome] of rows) expect(versions.judge({ key, content }).is).toBe(outcome);
});

// Goal: what was taken back makes room, in whatever order the store tells the entries, and told twice or once.
// Method: each row lists entries of one key and what a record of content `a` is then.
const A_WITHDRAWN = [entry("a"), withdrawn("a", 5)];
const B_PARKED = entry("b", { held: "conflict" });
const ROWS: readonly [string, readonly Entry[], object][] = [
  ["withdrawn", A_WITHDRAWN, { is: "new", after: 5 }],
  ["withdrawn and delivered anew", [...A_WITHDRAWN, entry("a", { decision: 5 })], { is: "duplicate" }],
  [
    "withdrawn twice",
    [...A_WITHDRAWN, entry("a", { decision: 5 }), withdrawn("a", 9, { ended: 5 })],
    { is: "new", after: 9 },
  ],
  ["another content counts instead", [...A_WITHDRAWN, entry("c", { decision: 5 })], { is: "conflict", after: 5 }],
  ["parked while another counts", [entry("c"), { ...B_PARKED, content: "a" }], { is: "duplicate" }],
  [
    "parked, and what counted was withdrawn",
    [entry("c"), { ...B_PARKED, content: "a" }, withdrawn("c", 5)],
    { is: "new", after: 5, endsParked: 0 },
  ],
  [
    "chosen against",
    [
      entry("a"),
      B_PARKED,
      entry("a", { kind: "choice", sign: -1, decision: 7 }),
      entry("b", { kind: "choice", sign: -1, decision: 7, held: "conflict" }),
      entry("b", { kind: "choice", decision: 7 }),
    ],
    { is: "duplicate" },
  ],
  [
    "chosen against, and what was chosen was withdrawn",
    [
      entry("a"),
      B_PARKED,
      entry("a", { kind: "choice", sign: -1, decision: 7 }),
      entry("b", { kind: "choice", sign: -1, decision: 7, held: "conflict" }),
      entry("b", { kind: "choice", decision: 7 }),
      withdrawn("b", 9, { ended: 7 }),
    ],
    { is: "new", after: 9 },
  ],
  ["of an archived month", [entry("a", { held: "archived" })], { is: "duplicate" }],
  ["another of an archived month", [entry("c", { held: "archived" })], { is: "conflict", after: 0 }],
];

test.each(ROWS)("%s", (_, entries, verdict) => {
  for (const order of [entries, [...entries].reverse(), [...entries, ...entries]]) {
    const versions = new Versions();
    for (const so of order) versions.add({ ...so, key: "k" });
    expect(versions.judge({ key: "k", content: "a" })).toEqual(verdict);
    expect(versions.judge({ key: "k", content: "a" }).is).toBe("duplicate");
  }
});

test("every verdict is named", () => {
  const versions = new Versions();
  versions.add(entry("a"));
  const found = ["a", "b"].map((content) => versions.judge({ key: "k", content }).is);
  expect([...found, versions.judge({ key: "x", content: "a" }).is]).toEqual(VERDICTS);
});

describe("a month that is archived", () => {
  const key = "k";
  const late = (content: string) => ({ key, content });

  test("first: new; the same again: duplicate; other content: conflict; nothing of it counts", () => {
    const versions = new Versions();
    expect(versions.judge(late("a"), true)).toEqual({ is: "new", after: 0 });
    expect(versions.judge(late("a"), true)).toEqual({ is: "duplicate" });
    expect(versions.judge(late("b"), true)).toEqual({ is: "conflict", after: 0 });
    expect(versions.judge(late("b"), true)).toEqual({ is: "duplicate" });
    expect(entriesMadeBy(late("a"), { is: "new", after: 0 }, true)).toMatchObject([{ held: "archived", sign: 1 }]);
    expect(entriesMadeBy(late("b"), { is: "conflict", after: 0 }, true)).toMatchObject([{ held: "archived", sign: 1 }]);
  });

  test("what was stored before the archive is still known, and what was taken back may come again", () => {
    const versions = new Versions();
    const entry = { key, content: "a", held: "no", kind: "delivery", sign: 1, decision: 0, ended: 0 } as const;
    versions.add(entry);
    expect(versions.judge(late("a"), true)).toEqual({ is: "duplicate" });
    const parked = { ...entry, key: "p", held: "archived" } as const;
    versions.add(parked);
    versions.add({ ...parked, kind: "withdrawal", sign: -1, decision: 5, ended: 0 });
    expect(versions.judge({ key: "p", content: "b" }, true)).toEqual({ is: "new", after: 5 });
    expect(versions.judge({ key: "p", content: "a" }, true)).toEqual({ is: "conflict", after: 5 });
  });

  test("an event of an archived month that comes for another hour is a conflict there, and does not count", () => {
    const versions = new Versions();
    versions.add({ key: "e", content: "a", held: "no", kind: "delivery", sign: 1, decision: 0, ended: 0 });
    expect(versions.judge({ key: "e", content: "moved" })).toEqual({ is: "conflict", after: 0 });
  });
});
