import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { SpooledText } from "../../src/domain/statement/payerSpool.ts";
import { payerSpools } from "../../src/storage/payerSpool.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: texts come out payer by payer in the order in which they went in, and nothing of them is left. Method: a real spool.

const text = (payer: string, own: string, rest: Partial<SpooledText> = {}): SpooledText => ({
  payer,
  isUsed: true,
  common: "one",
  text: own,
  ...rest,
});

test("texts of payers with usage come in order, also those that were put in apart", () => {
  const folder = temporaryFolder();
  const spool = payerSpools(folder)();
  spool.add([text("b", "b1"), text("idle", "unused", { isUsed: false, common: null }), text("a", "a1")]);
  spool.add([text("a", "a2", { isUsed: false, common: null }), text("b", "b2")]);
  expect([...spool.payers()]).toMatchObject([
    { payer: "a", texts: ["a1", "a2"] },
    { payer: "b", texts: ["b1", "b2"] },
  ]);
  expect(spool.payer("idle")).toEqual({ payer: "idle", texts: ["unused"] });
  expect([spool.hasUsage("a"), spool.hasUsage("idle"), spool.hasUsage("nobody")]).toEqual([true, false, false]);
  expect(spool.payer("nobody")).toBeUndefined();
  spool.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("payers are told whose usage has not one thing in common, in one text or over several", () => {
  const spool = payerSpools(temporaryFolder())();
  spool.add([
    text("same", "1"),
    text("apart", "1"),
    text("mixed", "1", { common: "" }),
    text("none", "1", { common: null }),
  ]);
  spool.add([text("same", "2"), text("apart", "2", { common: "two" }), text("same", "3", { common: null })]);
  expect(spool.payersOfSeveral()).toEqual(["apart", "mixed"]);
  spool.close();
});

test("what was found is kept beside the texts, also while the payers are gone through, twice at once", () => {
  const spool = payerSpools(temporaryFolder())();
  spool.add(["c", "a", "b"].map((payer) => text(payer, payer)));
  const seen: string[] = [];
  for (const { payer } of spool.payers()) {
    spool.addFound(payer, `of ${payer}`);
    seen.push(`${payer}: ${[...spool.payers()].map((so) => so.payer).join("")}`);
  }
  expect(seen).toEqual(["a: abc", "b: abc", "c: abc"]);
  expect([spool.found("b"), spool.found("nobody")]).toEqual(["of b", undefined]);
  spool.close();
});
