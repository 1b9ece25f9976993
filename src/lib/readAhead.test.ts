import { expect, test } from "vitest";
import { readAhead } from "./readAhead.ts";

// Goal: answers come in the order of their questions, one is asked ahead and no more, and what goes wrong is told in its place.

const questions = (count: number, log: string[], failing = -1) =>
  Array.from({ length: count }, (_, i) => async (): Promise<number> => {
    log.push(`ask ${i}`);
    await Promise.resolve();
    if (i === failing) throw new Error(`no answer to ${i}`);
    return i;
  });

test.each([0, 1, 2, 5])("%d answers come in order, with one question ahead", async (count) => {
  const log: string[] = [];
  for await (const answer of readAhead(questions(count, log))) log.push(`look ${answer}`);
  expect(log.filter((so) => so.startsWith("look"))).toEqual(Array.from({ length: count }, (_, i) => `look ${i}`));
  for (let i = 0; i + 1 < count; i += 1) {
    expect(log.indexOf(`ask ${i + 1}`)).toBeLessThan(log.indexOf(`look ${i}`));
    if (i + 2 < count) expect(log.indexOf(`ask ${i + 2}`)).toBeGreaterThan(log.indexOf(`look ${i}`));
  }
});

test("what fails is told after the answers before it, and nothing is asked after it", async () => {
  const log: string[] = [];
  const read = async (): Promise<void> => {
    for await (const answer of readAhead(questions(5, log, 2))) log.push(`look ${answer}`);
  };
  await expect(read()).rejects.toThrow("no answer to 2");
  expect(log).toEqual(["ask 0", "ask 1", "look 0", "ask 2", "look 1"]);
});

test("whoever stops early is not told of what goes wrong later", async () => {
  const log: string[] = [];
  for await (const answer of readAhead(questions(3, log, 1))) {
    expect(answer).toBe(0);
    break;
  }
  expect(log).toEqual(["ask 0", "ask 1"]);
});
