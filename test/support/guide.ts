import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BIN } from "./cli.ts";
import { ROOT } from "./sources.ts";

/** A command of a guide and what the guide shows of its answer. */
export interface GuideStep {
  readonly command: string;
  readonly shown: string;
  readonly status: number;
}

/** A file that a guide has its reader write: a comment in the first line of its block names it, or the line before a block of JSON. */
export interface GuideFile {
  readonly name: string;
  readonly text: string;
}

export interface Guide {
  readonly text: string;
  readonly steps: readonly GuideStep[];
  readonly files: readonly GuideFile[];
}

function stepsOf(block: string, lastStatus: number): readonly GuideStep[] {
  const steps: { command: string; shown: string }[] = [];
  for (const line of block
    .replaceAll(/\\\n\s*/g, "")
    .trimEnd()
    .split("\n")) {
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), shown: "" });
    else steps.at(-1)!.shown += `${line}\n`;
  }
  return steps.map((step, i) => ({ ...step, status: i === steps.length - 1 ? lastStatus : 0 }));
}

/** A fenced block of text that begins with a command, and the exit status of its last one where the guide tells it below. */
const BLOCK = /^```text\n(\$ .*?)^```$(?:\n+The exit status is (\d+)\.)?/gms;
const FILE = /^```js\n\/\/ (\S+)\n(.*?)^```$/gms;
const JSON_FILE = /^`(\S+\.json)`[^\n]*:\n\n```json\n(.*?)^```$/gms;

/** What a page of docs/guides has its reader do, in order. */
export function readGuide(name: string): Guide {
  const text = readFileSync(join(ROOT, "docs/guides", name), "utf8");
  return {
    text,
    steps: [...text.matchAll(BLOCK)].flatMap(([, block, status = "0"]) => stepsOf(block!, Number(status))),
    files: [...text.matchAll(FILE), ...text.matchAll(JSON_FILE)].map(([, file, content]) => ({
      name: file!,
      text: content!,
    })),
  };
}

/** The guides' month stays; every other instant is one of the day on which the guide is run. */
const INSTANT = /\b(?!2024-0[23])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Without what differs from run to run; columns are as wide as what is in them, so their spaces differ too. */
const comparable = (text: string, folder: string): string =>
  text
    .replaceAll(folder, "FOLDER")
    .replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, "URL")
    .replaceAll(INSTANT, "INSTANT")
    .replaceAll(/\b\d+(\.\d+)? (ms|s)\b/g, "DURATION")
    .replaceAll(/ +$/gm, "")
    .replaceAll(/(?<=\S) {2,}/g, "  ")
    .replaceAll(/[─-]{3,}/g, "─");

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** In the guide `…` stands for any text within a line, and alone on a line for any number of lines. */
function patternOf(shown: string): RegExp {
  const lines = shown.trimEnd().split("\n");
  const patterns = lines.map((line) =>
    line.trim() === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escaped).join(".*")}\\n`,
  );
  return new RegExp(`^${patterns.join("")}$`);
}

/** Nothing if the step printed what the guide shows, else both, so that the difference can be read. */
export function differenceOf(
  { shown }: GuideStep,
  printed: string,
  folder: string,
): { readonly printed: string; readonly expected: string } | undefined {
  const [is, shall] = [comparable(`${printed.trimEnd()}\n`, folder), comparable(shown, folder)];
  return patternOf(shall).test(is) ? undefined : { printed: is, expected: shall };
}

export interface Shell {
  run(command: string): Promise<{ readonly text: string; readonly status: number }>;
  close(): void;
}

/** One shell for a whole guide, as its reader has one: variables and functions stay. `stampbook` is a command in it. */
export function openShell(cwd: string, env: Readonly<Record<string, string>>): Shell {
  const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const shell = spawn("bash", ["--noprofile", "--norc"], {
    cwd,
    env: { PATH: path, HOME: cwd, LANG: "C.UTF-8", ...env },
  });
  const end = /\n@@(\d+)@@\n$/;
  let text = "";
  shell.stdout.setEncoding("utf8");
  shell.stdin.write(`exec 2>&1\nstampbook() { node ${BIN} "$@"; }\n`);
  return {
    run: (command) =>
      new Promise((resolve, reject) => {
        text = "";
        const ended = (): void => reject(new Error(`the shell ended:\n${text}`));
        shell.once("close", ended);
        const read = (chunk: string): void => {
          text += chunk;
          const [, status] = end.exec(text) ?? [];
          if (status === undefined) return;
          shell.stdout.off("data", read);
          shell.off("close", ended);
          resolve({ text: text.replace(end, ""), status: Number(status) });
        };
        shell.stdout.on("data", read);
        shell.stdin.write(`{ ${command}\n} </dev/null; printf '\\n@@%s@@\\n' $?\n`);
      }),
    close: () => void shell.kill("SIGTERM"),
  };
}
