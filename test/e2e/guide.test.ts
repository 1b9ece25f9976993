import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stampbook } from "../support/cli.ts";
import { ROOT } from "../support/sources.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: who follows the guide sees what it shows. Method: run its commands in order in an empty folder, each as a process
// of its own, and compare what they print with the guide, apart from what differs on every machine and every day.

const GUIDE = readFileSync(join(ROOT, "docs/guides/first-month.md"), "utf8");

/** A fenced block of text, and the exit status of its last command where the guide tells one below it. */
const BLOCK = /^```text\n(.*?)^```$(?:\n+The exit status is (\d+)\.)?/gms;
const COMMAND = /^\$ stampbook (.*)$/;

interface Step {
  readonly command: string;
  readonly shown: string;
  readonly status: number;
}

function stepsOf(block: string, lastStatus: number): readonly Step[] {
  const steps: { command: string; shown: string }[] = [];
  for (const line of block
    .replaceAll(/\\\n\s*/g, "")
    .trimEnd()
    .split("\n")) {
    const [, command] = COMMAND.exec(line) ?? [];
    if (command !== undefined) steps.push({ command, shown: "" });
    else steps.at(-1)!.shown += `${line}\n`;
  }
  return steps.map((step, i) => ({ ...step, status: i === steps.length - 1 ? lastStatus : 0 }));
}

const STEPS = [...GUIDE.matchAll(BLOCK)].flatMap(([, block, status = "0"]) => stepsOf(block!, Number(status)));

const argumentsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);

/** The guide's month stays; every other instant is one of the day on which the guide is run. */
const INSTANT = /\b(?!2024-0[23])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Without what differs from run to run; columns are as wide as what is in them, so their spaces differ too. */
const comparable = (text: string, folder = ROOT): string =>
  text
    .replaceAll(folder, "FOLDER")
    .replaceAll(INSTANT, "INSTANT")
    .replaceAll(/\b\d+(\.\d+)? (ms|s)\b/g, "DURATION")
    .replaceAll(/ +$/gm, "")
    .replaceAll(/(?<=\S) {2,}/g, "  ")
    .replaceAll(/─+/g, "─");

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** In the guide `…` stands for any text within a line, and alone on a line for any number of lines. */
function patternOf(shown: string): RegExp {
  const lines = shown.trimEnd().split("\n");
  const patterns = lines.map((line) =>
    line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escaped).join(".*")}\\n`,
  );
  return new RegExp(`^${patterns.join("")}$`);
}

test("the guide has commands, and all of them are found", () => {
  expect(STEPS.length).toBeGreaterThan(10);
  expect(STEPS.length).toBe(GUIDE.match(/^\$ stampbook /gm)?.length);
});

const cwd = temporaryFolder();

test.each(STEPS)("$command", async ({ command, shown, status }) => {
  const result = await stampbook(argumentsOf(command), { cwd });
  const printed = comparable(`${(result.stdout + result.stderr).trimEnd()}\n`, cwd);
  const expected = comparable(shown);
  // Compared as text only where it does not fit, so that the difference can be read.
  if (!patternOf(expected).test(printed)) expect(printed).toBe(expected);
  expect(result.status).toBe(status);
});
