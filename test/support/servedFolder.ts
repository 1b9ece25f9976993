import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { BIN } from "./cli.ts";

export interface Served {
  readonly url: string;
  readonly authorityFile: string;
  /** Id of the built-in issuer's directory. */
  readonly directory: string;
  /** The administrator's way in. */
  readonly socketPath: string;
  /** What the server has logged, and what it has told whoever started it. */
  readonly log: () => string;
  readonly told: () => string;
  close(): Promise<void>;
}

/** Runs `stampbook serve` on a folder, as an operator would, and trusts its private authority in this process. */
export async function serveFolder(dataFolder: string, ...options: readonly string[]): Promise<Served> {
  const args = [BIN, "serve", "--listen-port", "0", "--data-folder", dataFolder, ...options];
  const child = spawn(process.execPath, args, { env: { PATH: process.env["PATH"] ?? "" } });
  let [log, told] = ["", ""];
  const ended = new Promise((resolve) => child.once("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      const [, found] = /listens on (https?:\S+?);[^]*How tools connect: .*\n/.exec(told) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("close", () => reject(new Error(`the server did not start:\n${told}`)));
  });
  const about = JSON.parse(readFileSync(`${dataFolder}/server.json`, "utf8")) as Record<string, string>;
  const authorityFile = about["authorityFile"] ?? "";
  if (authorityFile !== "") {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(authorityFile, "utf8")]);
  }
  return {
    url,
    authorityFile,
    directory: about["directory"] ?? "",
    socketPath: about["socketPath"] ?? "",
    log: () => log,
    told: () => told,
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
