import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
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

/** A folder as a clone is to the reader of a guide: a server runs in it, its files are written, its packages are there. */
export async function openWorkshop(cwd: string, guide: Guide): Promise<Workshop> {
  const served = await serveFolder(join(cwd, "stampbook-data"));
  symlinkSync(join(ROOT, "node_modules"), join(cwd, "node_modules"));
  for (const { name, text } of guide.files) writeFileSync(join(cwd, name), text);
  const { clientId, secret } = await firstCredentialOf(served);
  const shell = openShell(cwd, {
    SERVER_URL: served.url,
    CLIENT_ID: clientId,
    SECRET: secret,
    DIRECTORY: served.directory,
  });
  return {
    shell,
    async close() {
      shell.close();
      await served.close();
    },
  };
}
