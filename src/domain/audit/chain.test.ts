import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CHAIN_START, ChainWalk, chainHash, storable } from "./chain.ts";
import type { AuditEntry } from "./store.ts";

const record = (number: number, detail: Record<string, unknown> = { b: 1, a: [number] }) => ({
  number,
  atMs: 1_700_000_000_000 + number,
  actor: "ann",
  actorId: "id",
  address: "local",
  correlationId: "c",
  action: "a/write",
  target: "/subscriptions/x",
  outcome: "done",
  detail,
});

function chain(count: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let number = 1; number <= count; number++) {
    const hash = chainHash(entries.at(-1)?.hash ?? CHAIN_START, record(number));
    entries.push({ ...record(number), hash });
  }
  return entries;
}

function walk(entries: readonly AuditEntry[]) {
  const walking = new ChainWalk();
  for (const entry of entries) if (!walking.step(entry)) break;
  return walking.result;
}

test("the hash is what docs/operating/audit.md says: previous hash, line feed, canonical JSON", () => {
  const json =
    '{"action":"a/write","actor":"ann","actorId":"id","address":"local","at":"2023-11-14T22:13:20.001Z","correlationId":"c","detail":{"a":[1],"b":1},"number":1,"outcome":"done","target":"/subscriptions/x"}';
  const expected = createHash("sha256")
    .update(`${"0".repeat(64)}\n${json}`)
    .digest("hex");
  expect(chainHash(CHAIN_START, record(1))).toBe(expected);
});

describe("a walk along the chain", () => {
  const good = chain(5);

  test("finds nothing wrong with a good one, also an empty one", () => {
    expect(walk(good)).toEqual({
      records: 5,
      unchained: 0,
      head: { number: 5, hash: good[4]!.hash },
      broken: undefined,
    });
    expect(walk([])).toMatchObject({ records: 0, head: { number: 0, hash: CHAIN_START }, broken: undefined });
  });

  test("names the first record that was changed, taken out, swapped or stripped of its hash", () => {
    const changed = good.with(2, { ...good[2]!, actor: "eve" });
    expect(walk(changed)).toMatchObject({ broken: { number: 3, why: "altered" }, head: { number: 2 } });
    expect(walk(good.toSpliced(2, 1)).broken).toEqual({ number: 3, why: "missing" });
    const swapped = good.with(1, { ...good[2]!, number: 2 }).with(2, { ...good[1]!, number: 3 });
    expect(walk(swapped).broken).toEqual({ number: 2, why: "altered" });
    expect(walk(good.with(3, { ...good[3]!, hash: "" })).broken).toEqual({ number: 4, why: "unchained" });
    expect(walk(good.with(0, { ...good[0]!, atMs: 9e15 })).broken).toEqual({ number: 1, why: "altered" });
  });

  test("passes over records from before the chain, and only there", () => {
    const early = { ...record(1), hash: "" };
    const first = { ...record(2), hash: chainHash(CHAIN_START, record(2)) };
    expect(walk([early, first])).toMatchObject({ records: 2, unchained: 1, broken: undefined });
  });
});

test("what is stored is what was hashed, also with halves of surrogate pairs", () => {
  const odd = { ...record(1, { text: "\ud800", gone: undefined }), target: "x\udc00" };
  const { target, detail } = storable(odd);
  expect(target.isWellFormed()).toBe(true);
  expect(detail).toEqual({ text: "\ud800" });
});
