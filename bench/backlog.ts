import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { registrationToken } from "../simulator/stamps.ts";
import { createWorld } from "../simulator/world.ts";
import { Client } from "../src/client/client.ts";
import { formatInstant, HOUR_MS, parseInstant } from "../src/lib/instant.ts";
import { processorSeconds } from "./processorTime.ts";
import { report, rounded } from "./report.ts";

const SEED = 1;
const BIN = join(import.meta.dirname, "../bin/stampbook.mjs");
const FROM_MS = parseInstant("2024-01-31T12:00:00Z")!;
const MiB = 2 ** 20;

const run = (cwd: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [BIN, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });

/** Waits for a text that a process tells. */
async function told(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  return await new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const found = pattern.exec(text);
        if (found !== null) resolve(found);
      });
    }
    child.once("close", () => reject(new Error(`it ended before it told ${pattern}:\n${text}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGTERM");
  await closed;
}

const peakBytes = (pid: number): number =>
  Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;

interface CatchingUp {
  readonly seconds: number;
  readonly rows: number;
  readonly peakBytes: number;
  /** Processor time by who spent it. */
  readonly spent: Readonly<Record<"hub" | "bridge" | "server" | "engine", number>>;
}

/** A stamp that was offline for so many hours, a new server, and a bridge that has everything to read. */
async function catchUp(resources: number, hours: number): Promise<CatchingUp> {
  const folder = mkdtempSync(join(import.meta.dirname, "../.bench/backlog-"));
  const server = run(folder, "serve", "--listen-port", "0", "--data-folder", "data", "--log-level", "silent");
  const now = formatInstant(FROM_MS + hours * HOUR_MS + HOUR_MS / 2);
  const clock = [
    "--now",
    now,
    "--from",
    formatInstant(FROM_MS),
    "--speed",
    "0",
    "--listen-port",
    "0",
    "--folder",
    "hub",
  ];
  const hub = run(
    folder,
    "simulator",
    "serve",
    "--resources",
    String(resources),
    "--seed",
    String(SEED),
    ...clock,
    "--json",
  );
  try {
    const [, shown] = await told(hub, /(\{[^}]*\})/);
    await told(server, /secret {5}\S+\n/);
    const about = JSON.parse(readFileSync(join(folder, "data/server.json"), "utf8")) as Record<string, string>;
    await register(new Client({ socketPath: about["socketPath"]! }));
    writeConfig(folder, about["url"]!, JSON.parse(shown!) as Record<string, string>, await credentialOf(about));
    return await follow(folder, { hub, server });
  } finally {
    await Promise.all([stop(hub), stop(server)]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function register(client: Client): Promise<void> {
  const world = createWorld({ seed: SEED, period: "2024-02", records: 5_000 });
  await client.putCatalogue(world.catalogue);
  await client.register(world.stamps[0]!.scope, registrationToken(world.stamps[0]!));
}

async function credentialOf(about: Readonly<Record<string, string>>): Promise<unknown> {
  const client = new Client({ socketPath: about["socketPath"]! });
  return await client.createCredential({ kind: "Application", displayName: "bridge", role: "Owner" });
}

function writeConfig(
  folder: string,
  serverUrl: string,
  hub: Readonly<Record<string, string>>,
  credential: unknown,
): void {
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value), { mode: 0o600 });
  write("server-credential.json", credential);
  write("hub-credential.json", hub);
  const { url: adminUrl, caFile, providerSubscription } = hub;
  write("bridge.json", {
    stateFolder: "state",
    serverUrl,
    serverCaFile: "data/tls/ca.crt",
    serverCredentialFile: "server-credential.json",
    stamps: [
      {
        name: "north",
        registration: "stamp-north",
        credentialFile: "hub-credential.json",
        startAt: formatInstant(FROM_MS),
        adminUrl,
        caFile,
        providerSubscription,
      },
    ],
  });
}

/** Runs the bridge to the end of the backlog. */
async function follow(
  folder: string,
  { hub, server }: { hub: ChildProcess; server: ChildProcess },
): Promise<CatchingUp> {
  const engine = Number(readFileSync(`/proc/${server.pid!}/task/${server.pid!}/children`, "utf8").trim().split(" ")[0]);
  const pids = { hub: hub.pid!, server: server.pid!, engine };
  const before = Object.entries(pids).map(([name, pid]) => [name, processorSeconds(pid)] as const);
  const began = performance.now();
  const bridge = run(folder, "bridge", "run", "--once", "--json", "--config", "bridge.json");
  let [rows, peak, bridgeSeconds, trouble] = [0, 0, 0, ""];
  const look = setInterval(() => {
    if (bridge.exitCode !== null) return;
    peak = Math.max(peak, peakBytes(bridge.pid!));
    bridgeSeconds = processorSeconds(bridge.pid!);
  }, 100);
  bridge.stderr!.on("data", (chunk: Buffer) => (trouble += chunk.toString()));
  const closed = once(bridge, "close");
  for await (const line of createInterface({ input: bridge.stdout! })) {
    const { event, counts } = JSON.parse(line) as { event: string; counts: Record<string, number> };
    if (event === "trouble") trouble += `${line}\n`;
    if (event === "delivered") rows += Object.values(counts).reduce((sum, count) => sum + count, 0);
  }
  await closed;
  clearInterval(look);
  const seconds = (performance.now() - began) / 1_000;
  if (bridge.exitCode !== 0) throw new Error(`the bridge ended with ${bridge.exitCode}:\n${trouble}`);
  const others = before.map(([name, at]) => [name, processorSeconds(pids[name as keyof typeof pids]) - at] as const);
  const spent = { bridge: bridgeSeconds, ...Object.fromEntries(others) } as CatchingUp["spent"];
  return { seconds, rows, peakBytes: peak, spent };
}

interface Size {
  readonly resources: number;
  /** Of a short and of a long backlog. */
  readonly hours: readonly [number, number];
}

const QUICK: Size = { resources: 500, hours: [24, 144] };
const FULL: Size = { resources: 20_000, hours: [120, 720] };

/** How fast a stamp that was offline for a month is caught up with, and whether the bridge's memory stays flat. */
export async function backlog(quick: boolean, { resources, hours }: Size = quick ? QUICK : FULL): Promise<void> {
  mkdirSync(join(import.meta.dirname, "../.bench"), { recursive: true });
  const [few, many] = hours;
  const [short, long] = [await catchUp(resources, few), await catchUp(resources, many)];
  const dataset = `stamp north with about ${resources} resources, ${long.rows} rows`;
  const common = { bench: "backlog", dataset, seed: SEED };
  const ratio = (many * 3_600) / long.seconds;
  const spent = Object.entries(long.spent).map(([name, seconds]) => `${name} ${rounded(seconds)}`);
  report({
    ...common,
    measure: `${many} hours of backlog, of real time; ${rounded(long.rows / long.seconds)} rows/s; processor seconds of ${rounded(long.seconds)}: ${spent.join(", ")}`,
    value: rounded(ratio),
    unit: "× real time",
    baseline: null,
    ratio: null,
    must: "≥ 100",
    ok: ratio >= 100,
  });
  const grown = long.peakBytes / short.peakBytes;
  report({
    ...common,
    measure: `peak memory of the bridge, ${many} hours of backlog against ${few}`,
    value: rounded(long.peakBytes / MiB),
    unit: "MiB",
    baseline: rounded(short.peakBytes / MiB),
    ratio: rounded(grown, 2),
    must: quick ? "reported; the full run must keep to ≤ 1.15" : "ratio ≤ 1.15",
    ok: quick || grown <= 1.15,
  });
}

/** `20000,24,144`: resources, and hours of a short and a long backlog. */
export async function backlogOf(text: string): Promise<void> {
  const [resources = 0, few = 0, many = 0] = text.split(",").map(Number);
  await backlog(false, { resources, hours: [few, many] });
}
