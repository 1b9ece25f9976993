import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect } from "vitest";

const folders: string[] = [];

/** A folder that is gone when the test file ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "stampbook-test-"));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const open = new Set<{ close(): Promise<void> }>();

/** Registers something that a test must close; what it leaves open fails it. */
export function mustClose<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
  const close = thing.close.bind(thing);
  thing.close = async () => {
    open.delete(thing);
    await close();
  };
  open.add(thing);
  return thing;
}

/** What is shared by the tests of a file, and closed after the last of them. */
export function closeAtEnd<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
  open.delete(thing);
  afterAll(() => thing.close());
  return thing;
}

afterEach(async () => {
  const left = [...open];
  for (const thing of left) await thing.close();
  expect(left.length, "things that the test left open").toBe(0);
});
