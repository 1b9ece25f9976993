import { describe, expect, test } from "vitest";
import { afterPiece, afterTaking, judgeFile, piecesAgain, startSourceState, withoutGone } from "./sourceState.ts";

const piece = (number: number) => ({
  number,
  file: `${number}.usage.gz`,
  bytes: 10,
  digest: "aa",
  contentType: "application/x-ndjson",
  from: "a.ndjson",
});
const taken = afterTaking(startSourceState, [piece(1), piece(2)], {
  file: { name: "a.ndjson", digest: "aa", refused: "" },
});
const COUNTS = { accepted: 3, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };

describe("files", () => {
  const refused = afterTaking(taken, [], { file: { name: "b.ndjson", digest: "bb", refused: "FileUnreadable" } });
  const changed = afterTaking(taken, [], { file: { name: "a.ndjson", digest: "cc", refused: "FileChanged" } });
  test.each([
    [taken, "new.ndjson", "aa", "new"],
    [taken, "a.ndjson", "aa", "taken"],
    [taken, "a.ndjson", "cc", "changed"],
    [refused, "b.ndjson", "bb", "refused"],
    [refused, "b.ndjson", "mended", "new"],
    [changed, "a.ndjson", "cc", "refused"],
    [changed, "a.ndjson", "dd", "changed"],
  ] as const)("%#: %s %s is %s", (state, name, digest, judged) => {
    expect(judgeFile(state, name, digest)).toBe(judged);
  });

  test("those that are gone are forgotten, and may come again under their name", () => {
    expect(judgeFile(withoutGone(taken, new Set()), "a.ndjson", "cc")).toBe("new");
    expect(withoutGone(taken, new Set(["a.ndjson"]))).toBe(taken);
  });
});

test("pieces go in order, without a gap, and those that are set aside go again under new numbers", () => {
  expect(() => afterTaking(taken, [piece(4)], { position: { url: "", etag: "", digest: "" } })).toThrow("gap");
  expect(() => afterPiece(taken, 2, COUNTS, "")).toThrow("order");
  const first = afterPiece(taken, 1, COUNTS, "UsageBodyEmpty");
  expect(first).toMatchObject({ setAside: [{ number: 1, reason: "UsageBodyEmpty" }], delivered: { accepted: 3 } });
  const again = piecesAgain(first);
  expect(again.spool.map(({ number }) => number)).toEqual([2, 3]);
  expect(again).toMatchObject({ setAside: [], nextNumber: 4 });
});
