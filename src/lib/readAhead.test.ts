import { expect, test } from "vitest";
import { readAhead } from "./readAhead.ts";

// Goal: answers come in the order of their questions, so many are asked ahead and no more, and what goes wrong is told in its
// place.

const questions = (count: number, log: string[], failing = -1) =>
  Array.from({ length: count }, (_, i) => async (): Promise<number> => {
    log.push(`ask ${i}`);
    // Later ones are answered sooner.
    for (let waits = count - i; waits > 0; waits -= 1) await Promise.resolve();
    if (i === failing) throw new Error(`no answer to ${i}`);
    return i;
  });

test.each([0, 1, 2, 5].flatMap((count) => [1, 2, 3].map((ahead) => [count, ahead] as const)))(
  "%d answers come in order, with %d questions ahead",
  async (count, ahead) => {
    const log: string[] = [];
    for await (const answer of readAhead(questions(count, log), ahead)) log.push(`look ${answer}`);
    expect(log.filter((so) => so.startsWith("look"))).toEqual(Array.from({ length: count }, (_, i) => `look ${i}`));
    for (let i = 0; i + ahead < count; i += 1) {
      expect(log.indexOf(`ask ${i + ahead}`)).toBeLessThan(log.indexOf(`look ${i}`));
      if (i + ahead + 1 < count) expect(log.indexOf(`ask ${i + ahead + 1}`)).toBeGreaterThan(log.indexOf(`look ${i}`));
    }
  },
);

test("what fails is told after the answers before it, and nothing is asked after it", async () => {
  const log: string[] = [];
  const read = async (): Promise<void> => {
    for await (const answer of readAhead(questions(5, log, 2))) log.push(`look ${answer}`);
  };
  await expect(read()).rejects.toThrow("no answer to 2");
  expect(log).toEqual(["ask 0", "ask 1", "look 0", "ask 2", "look 1"]);
});

test("what fails of several that are being answered is told in its place", async () => {
  const log: string[] = [];
  const read = async (): Promise<void> => {
    for await (const answer of readAhead(questions(9, log, 2), 3)) log.push(`look ${answer}`);
  };
  await expect(read()).rejects.toThrow("no answer to 2");
  expect(log).toEqual(["ask 0", "ask 1", "ask 2", "ask 3", "look 0", "ask 4", "look 1"]);
});

test("whoever stops early is not told of what goes wrong later", async () => {
  const log: string[] = [];
  for await (const answer of readAhead(questions(3, log, 1))) {
    expect(answer).toBe(0);
    break;
  }
  expect(log).toEqual(["ask 0", "ask 1"]);
});

test("whoever stops early goes on when nothing is being answered any more", async () => {
  let answering = 0;
  const ask = async (): Promise<void> => {
    answering += 1;
    for (let waits = answering * 10; waits > 0; waits -= 1) await Promise.resolve();
    answering -= 1;
  };
  for await (const _ of readAhead(
    Array.from({ length: 9 }, () => ask),
    3,
  )) {
    expect(answering).toBeGreaterThan(0);
    break;
  }
  expect(answering).toBe(0);
});
