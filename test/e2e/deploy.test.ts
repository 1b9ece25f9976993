import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/sources.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: what deploy/ names is there, and what the image has is enough to run the bridge. Method: the files that the container
// file copies, in a folder of their own, and the command that it starts.

const CONTAINER_FILE = readFileSync(join(ROOT, "deploy/bridge.Containerfile"), "utf8");

test("the image has everything that the bridge needs", () => {
  const image = temporaryFolder();
  const copies = [...CONTAINER_FILE.matchAll(/^COPY (.+) (\S+)$/gm)];
  expect(copies.length).toBeGreaterThan(3);
  for (const [, from, to] of copies) {
    const sources = from!.split(" ");
    const isFolder = to!.endsWith("/");
    if (isFolder) mkdirSync(join(image, to!), { recursive: true });
    for (const source of sources) {
      cpSync(join(ROOT, source), join(image, to!, isFolder ? source.split("/").at(-1)! : ""), { recursive: true });
    }
  }
  symlinkSync(join(ROOT, "node_modules"), join(image, "node_modules"));
  const [, entry] = /^ENTRYPOINT (.+)$/m.exec(CONTAINER_FILE) ?? [];
  const [node, program, ...args] = JSON.parse(entry!) as readonly [string, string, ...string[]];
  expect([node, args.slice(0, 2)]).toEqual(["node", ["bridge", "run"]]);
  const said = execFileSync(process.execPath, [join(image, program), "bridge", "run", "--help"], { encoding: "utf8" });
  expect(said).toContain("--config <file>");
});

test("the unit starts a program that is there, and loads the credentials that the guide speaks of", () => {
  const unit = readFileSync(join(ROOT, "deploy/stampbook-bridge.service"), "utf8");
  const [, node, program] = /^ExecStart=\/opt\/stampbook\/(\S+) \/opt\/stampbook\/(\S+) bridge run/m.exec(unit) ?? [];
  for (const file of [node!, program!]) expect(existsSync(join(ROOT, file)), file).toBe(true);
  expect(unit).toMatch(/^LoadCredential=server\.json:/m);
  expect(unit).toContain("Documentation=file:/opt/stampbook/docs/guides/connect-a-stamp.md");
});
