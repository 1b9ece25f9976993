import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./sources.ts";

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const BIN = join(ROOT, "bin/stampbook.mjs");

/** Runs the command as a user would, in its own process, and without this process's settings. */
export function stampbook(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

export interface ServerProcess {
  readonly url: string;
  /** The administrator's way in. */
  readonly socketPath: string;
  readonly pid: number;
  /** Also when nobody here has killed it. */
  hasEnded(): boolean;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export interface ServerOptions {
  /** A module that is loaded before the program. */
  readonly preload?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
}

/** Starts the real server on a free port and waits until it says that it listens. */
export async function startServer(
  dataFolder: string,
  { preload, env = {}, options = [] }: ServerOptions = {},
): Promise<ServerProcess> {
  const args = [
    ...(preload === undefined ? [] : ["--import", preload]),
    BIN,
    "serve",
    "--listen-port",
    "0",
    "--log-level",
    "error",
    "--data-folder",
    dataFolder,
    ...options,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  let text = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const [, found] = /listens on (https?:\S+?);/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("close", () => reject(new Error(`the server did not start:\n${text}`)));
  });
  const { socketPath } = JSON.parse(readFileSync(join(dataFolder, "server.json"), "utf8")) as { socketPath: string };
  return {
    url,
    socketPath,
    pid: child.pid!,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}
