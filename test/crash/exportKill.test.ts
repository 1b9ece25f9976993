import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { Client } from "../../src/client/client.ts";
import { EXPORT_FAULT_POINTS, WHOLE_FILE_FAULT_POINTS } from "../../src/lib/faultPoint.ts";
import { BIN, type ServerProcess, stampbook as command, startServer } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf, windowAfter } from "../support/world.ts";
import { PLAN_VARIABLE, type Stop } from "./plan.ts";

// Goal: whoever dies at whatever step of an export, nothing that is half looks whole, and who goes on writes the same bytes
// and the same manifest as somebody who was never broken off. Method: kill -9 of one server after the other on one data
// folder and one target, each at the next fault point; then of the command that writes a file, and of its server.

const PERIOD = "2024-02";
const HOUR = "2024-02-10T10:00:00Z";
const CLOSINGS = [`${PERIOD}/partner-contoso/closing-000001`, `${PERIOD}/partner-contoso/closing-000002`];
const MANIFEST = "manifest.json";
const PRELOAD = join(import.meta.dirname, "stopAtFaultPoint.ts");
const planFile = join(mkdtempSync(join(tmpdir(), "stampbook-export-")), "plan.json");
const env = { [PLAN_VARIABLE]: planFile };
const plan = (...stops: readonly Stop[]): void => writeFileSync(planFile, JSON.stringify(stops));
const isPlanDone = (): boolean => readFileSync(planFile, "utf8") === "[]";

let dataFolder: string;
let reference: string;

/** A server that exports to a folder by itself; undefined where it died before it listened. */
async function exporting(folder: string): Promise<ServerProcess | undefined> {
  const file = join(temporaryFolder(), "target.json");
  writeFileSync(file, JSON.stringify({ folder }));
  const options = ["--export-target-file", file];
  return await startServer(dataFolder, { preload: PRELOAD, env, options }).catch(() => undefined);
}

async function until(what: () => boolean): Promise<void> {
  for (let left = 600; !what(); left -= 1) {
    expect(left, "it takes too long").toBeGreaterThan(0);
    await sleep(50);
  }
}

const isThere = (folder: string, closing: string): boolean => existsSync(join(folder, closing, MANIFEST));
const areAllThere = (folder: string): boolean => CLOSINGS.every((closing) => isThere(folder, closing));

/** A file that has its name is whole; a closing that has a manifest has every file of it. */
function checkTarget(folder: string, where: string): void {
  for (const closing of CLOSINGS.filter((so) => existsSync(join(folder, so)))) {
    const names = readdirSync(join(folder, closing));
    for (const name of names.filter((so) => !so.endsWith(".part"))) {
      const read = (root: string): Buffer => readFileSync(join(root, closing, name));
      expect(read(folder).equals(read(reference)), `${where}: ${closing}/${name}`).toBe(true);
    }
    if (!names.includes(MANIFEST)) continue;
    const { files } = JSON.parse(readFileSync(join(folder, closing, MANIFEST), "utf8")) as {
      readonly files: readonly { readonly file: string; readonly sha256: string }[];
    };
    for (const { file, sha256 } of files) {
      const bytes = readFileSync(join(folder, closing, file));
      expect(createHash("sha256").update(bytes).digest("hex"), `${where}: ${closing}/${file}`).toBe(sha256);
    }
  }
}

beforeAll(async () => {
  plan();
  dataFolder = join(temporaryFolder(), "data");
  reference = temporaryFolder();
  const server = await startServer(dataFolder);
  const client = new Client({ socketPath: server.socketPath });
  await client.putCatalogue([{ subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" }]);
  await client.register(NORTH, tokenOf("cloud"));
  await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);
  const send = (resource: string) =>
    client.takeIn("north", asLines([hubRecord({ hour: HOUR, quantity: "1000", resource })]), windowAfter(HOUR));
  await send("/in-time");
  await closeAnyway(client, PERIOD);
  await send("/late");
  await client.closing.issueCorrections(PERIOD, "contoso", "late");
  await server.kill("SIGTERM");
  const undisturbed = await exporting(reference);
  await until(() => areAllThere(reference));
  await undisturbed!.kill("SIGTERM");
});

test(`kill -9 at every step of an export by itself: ${EXPORT_FAULT_POINTS.length} kills of the server, 1 of the engine`, async () => {
  const target = temporaryFolder();
  for (const point of EXPORT_FAULT_POINTS) {
    plan({ point, who: "server" });
    const server = await exporting(target);
    if (server !== undefined) await until(() => server.hasEnded());
    expect(isPlanDone(), `the kill at '${point}' happened`).toBe(true);
    expect(isThere(target, CLOSINGS[0]!), point).toBe(point === "export: manifest kept");
    checkTarget(target, point);
  }
  // Without its engine a server cannot tell days: the closing has no manifest, or is whole.
  plan({ point: "export: file written", who: "engine" });
  const crippled = await exporting(target);
  await until(isPlanDone);
  checkTarget(target, "the engine");
  await crippled!.kill("SIGTERM");

  const server = await exporting(target);
  await until(() => areAllThere(target));
  await server!.kill("SIGTERM");
  checkTarget(target, "in the end");
  for (const closing of CLOSINGS) {
    expect(readdirSync(join(target, closing)).sort()).toEqual(readdirSync(join(reference, closing)).sort());
  }
});

test("a command that dies, or whose server does, leaves no file of that name; the next one writes the same bytes", async () => {
  const cwd = temporaryFolder();
  const file = join(cwd, "focus.csv");
  const args = ["export", "focus", PERIOD, "contoso", "--output", file, "--data-folder", dataFolder];
  plan();
  let server = await startServer(dataFolder, { preload: PRELOAD, env });
  for (const point of WHOLE_FILE_FAULT_POINTS) {
    plan({ point, who: "server" });
    const child = spawn(process.execPath, ["--import", PRELOAD, BIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
    });
    const [, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.once("close", (...ended) => resolve(ended));
    });
    expect([signal, existsSync(file)], point).toEqual(["SIGKILL", false]);
  }
  plan({ point: "export: rows begun", who: "server" });
  const broken = await command(args, { cwd });
  expect([isPlanDone(), broken.status === 0, existsSync(file)]).toEqual([true, false, false]);
  expect(broken.stderr).toContain("ServerUnreachable");
  expect(existsSync(`${file}.part`)).toBe(false);

  server = await startServer(dataFolder, { preload: PRELOAD, env });
  expect((await command(args, { cwd })).status).toBe(0);
  await server.kill("SIGTERM");
  const bytes = readFileSync(file);
  expect(bytes.equals(readFileSync(join(reference, CLOSINGS[0]!, "focus.csv")))).toBe(true);
  const manifest = JSON.parse(readFileSync(`${file}.manifest.json`, "utf8")) as { readonly sha256: string };
  expect(manifest.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
});
