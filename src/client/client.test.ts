import { expect, test } from "vitest";
import { Refused } from "./client.ts";

const refusedWith = (info: unknown): Refused =>
  new Refused(400, { code: "X", message: "x", additionalInfo: [{ type: "StampbookDetails", info }] });

test("what was kept of a usage body is told apart from other details of a refusal", () => {
  const kept = { batch: 3, counts: { accepted: 1 }, problems: [], problemsOmitted: 0 };
  expect(refusedWith(kept).intake).toEqual(kept);
  // Of a registration that is not there.
  expect(refusedWith({ registrations: [] }).intake).toBeUndefined();
  expect(new Refused(404, { code: "X", message: "x" }).intake).toBeUndefined();
});
