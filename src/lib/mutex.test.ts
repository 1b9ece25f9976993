import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { KeyedMutex } from "./mutex.ts";

test("one key: in order and never together; a failed task does not block the next", async () => {
  const mutex = new KeyedMutex();
  const log: string[] = [];
  const task = (name: string, delayMs: number, fails = false) =>
    mutex.run("a", async () => {
      log.push(`${name} starts`);
      await sleep(delayMs);
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const results = await Promise.allSettled([task("1", 15), task("2", 1, true), task("3", 1)]);
  expect(log).toEqual(["1 starts", "1 ends", "2 starts", "2 ends", "3 starts", "3 ends"]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("two keys do not wait for each other", async () => {
  const mutex = new KeyedMutex();
  let release = (): void => undefined;
  const held = mutex.run("a", () => new Promise<void>((resolve) => (release = resolve)));
  expect(await mutex.run("b", async () => "done")).toBe("done");
  release();
  await held;
});
