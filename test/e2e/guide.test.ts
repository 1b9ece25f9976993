import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { differenceOf, type Guide, type GuideStep, openShell, readGuide, type Shell } from "../support/guide.ts";
import { openWorkshop } from "../support/guideWorkshop.ts";
import { serveFolder } from "../support/servedFolder.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";

// Goal: who follows a guide sees what it shows. Method: run its commands in order in an empty folder, in one shell, and
// compare what they print with the guide, apart from what differs on every machine and every day.

function commandsOf({ steps, text }: Guide): void {
  test("the guide has commands, and all of them are found", () => {
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.length).toBe(text.match(/^\$ /gm)?.length);
  });
}

async function follow(shell: Shell, step: GuideStep, folder: string): Promise<void> {
  const { text, status } = await shell.run(step.command);
  const difference = differenceOf(step, text, folder);
  if (difference !== undefined) expect(difference.printed).toBe(difference.expected);
  expect(status, text).toBe(step.status);
}

describe("the first month, each command on the data folder itself", () => {
  const guide = readGuide("first-month.md");
  commandsOf(guide);
  const cwd = temporaryFolder();
  const shell = openShell(cwd, {});
  test.each(guide.steps)("$command", (step) => follow(shell, step, cwd));
});

describe("closing a month, beside a server", async () => {
  const guide = readGuide("close-a-month.md");
  commandsOf(guide);
  const cwd = temporaryFolder();
  const shell = openShell(cwd, {});
  closeAtEnd(await serveFolder(join(cwd, "stampbook-data")));
  test.each(guide.steps)("$command", (step) => follow(shell, step, cwd));
});

// `npm run wire:az` follows the same guide with its commands of az, which is not on every machine.
describe("registering a stamp, with the SDK", async () => {
  const guide = readGuide("register-a-stamp.md");
  commandsOf(guide);
  const cwd = temporaryFolder();
  const { shell } = closeAtEnd(await openWorkshop(cwd, guide));
  test.each(guide.steps.filter(({ command }) => !command.startsWith("az ")))("$command", (step) =>
    follow(shell, step, cwd),
  );
});

describe("connecting a stamp", async () => {
  const guide = readGuide("connect-a-stamp.md");
  commandsOf(guide);
  const cwd = temporaryFolder();
  const { shell } = closeAtEnd(await openWorkshop(cwd, guide));
  test.each(guide.steps)("$command", (step) => follow(shell, step, cwd));
});
