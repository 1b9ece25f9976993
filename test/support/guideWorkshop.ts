import { spawn } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { BIN } from "./cli.ts";
import { type Guide, openShell, type Shell } from "./guide.ts";
import { type Served, serveFolder } from "./servedFolder.ts";
import { ROOT } from "./sources.ts";

export interface Workshop {
  readonly shell: Shell;
  close(): Promise<void>;
}

/** The credential that a server shows at its first start, just after it has said that it listens. */
async function firstCredentialOf(served: Served): Promise<{ readonly clientId: string; readonly secret: string }> {
  for (let tries = 0; tries < 100; tries++) {
    const [, clientId, secret] = /client id {2}(\S+)\n {2}secret {5}(\S+)\n/.exec(served.told()) ?? [];
    if (clientId !== undefined && secret !== undefined) return { clientId, secret };
    await setTimeout(50);
  }
  throw new Error(`the server showed no credential:\n${served.told()}`);
}

/** What a guide has its reader leave running in terminals of their own, and where it listens there. */
const STAMP = /^stampbook (simulator serve .*)$/gm;
const SERVER_URL = "https://127.0.0.1:30080";
const STAMP_PORT = "30005";

interface Running {
  /** As the guide writes it. */
  readonly writtenUrl: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a made-up stamp as the guide says, on a port that is free. */
async function startStamp(cwd: string, command: string): Promise<Running> {
  const [, port = STAMP_PORT] = /--listen-port (\d+)/.exec(command) ?? [];
  const child = spawn(process.execPath, [BIN, ...command.split(" "), "--listen-port", "0"], { cwd });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let told = "";
    child.stderr.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      const [, found] = /listens on (https:\S+);/.exec(told) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("close", () => reject(new Error(`the stamp did not start:\n${told}`)));
  });
  child.stdout.resume();
  return {
    writtenUrl: `https://127.0.0.1:${port}`,
    url,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** A folder as a clone is to the reader of a guide: a server runs in it, its files are written, its packages are there. */
export async function openWorkshop(cwd: string, guide: Guide): Promise<Workshop> {
  const [served, ...stamps] = await Promise.all([
    serveFolder(join(cwd, "stampbook-data")),
    ...[...guide.text.matchAll(STAMP)].map(([, command]) => startStamp(cwd, command!)),
  ]);
  const urls = [{ writtenUrl: SERVER_URL, url: served.url }, ...stamps];
  const here = (text: string): string => urls.reduce((so, { writtenUrl, url }) => so.replaceAll(writtenUrl, url), text);
  symlinkSync(join(ROOT, "node_modules"), join(cwd, "node_modules"));
  for (const { name, text } of guide.files) writeFileSync(join(cwd, name), here(text));
  const { clientId, secret } = await firstCredentialOf(served);
  const shell = openShell(cwd, {
    SERVER_URL: served.url,
    CLIENT_ID: clientId,
    SECRET: secret,
    DIRECTORY: served.directory,
  });
  return {
    shell: { ...shell, run: (command) => shell.run(here(command)) },
    async close() {
      shell.close();
      await Promise.all([served.close(), ...stamps.map((stamp) => stamp.stop())]);
    },
  };
}
