import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "./sources.ts";

// Real ClickHouse servers, HTTP and native TCP, out of the library that the embedded engine brings: its command line is
// clickhouse-local, which can listen. Made for tests only; contract/engines.md §D. A few lines of C or Python call it,
// since Node.js has no way to call a function of a library. Without both a test fails: it is never skipped.

const C_LAUNCHER = `
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) { fprintf(stderr, "%s\\n", dlerror()); return 1; }
  void *(*run)(int, char **) = (void *(*)(int, char **))dlsym(library, "chdb_query_cmdline");
  if (!run) { fprintf(stderr, "%s\\n", dlerror()); return 1; }
  argv[1] = "clickhouse";
  run(argc - 1, argv + 1);
  return 0;
}
`;

const PYTHON_LAUNCHER = `
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
arguments = [b"clickhouse"] + [argument.encode() for argument in sys.argv[2:]]
library.chdb_query_cmdline.restype = ctypes.c_void_p
library.chdb_query_cmdline(ctypes.c_int(len(arguments)), (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None))
`;

/** Listens, and then reads its standard input until that ends: so it ends with the process that started it. */
const LISTEN =
  "SYSTEM START LISTEN QUERIES ALL; INSERT INTO FUNCTION null('l String') SELECT * FROM file('-', 'LineAsString', 'l String')";

const START_MS_MAX = 60_000;
const ANSWER_MS_MAX = 2_000;
const STDERR_CHARS_MAX = 4_000;

const isThere = (command: string, ...proof: string[]): boolean => {
  try {
    execFileSync(command, proof, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

function libraryFile(): string {
  const packages = join(ROOT, "node_modules/@chdb");
  const file = readdirSync(packages)
    .map((name) => join(packages, name, "libchdb.so"))
    .find((path) => existsSync(path));
  if (file === undefined) throw new Error(`there is no libchdb.so below ${packages}`);
  return file;
}

/** The command that calls the library, with its first arguments. */
function launcher(folder: string): readonly string[] {
  if (isThere("gcc", "--version")) {
    const [source, program] = [join(folder, "launcher.c"), join(folder, "launcher")];
    writeFileSync(source, C_LAUNCHER);
    execFileSync("gcc", ["-o", program, source, "-ldl"]);
    return [program, libraryFile()];
  }
  if (isThere("python3", "-c", "import ctypes")) {
    const source = join(folder, "launcher.py");
    writeFileSync(source, PYTHON_LAUNCHER);
    return ["python3", source, libraryFile()];
  }
  throw new Error("ClickHouse servers for tests need gcc or python3 (with ctypes), and this machine has neither");
}

/** Below the ports that outgoing connections get, so that a server that was killed finds its own free again. */
async function freePort(): Promise<number> {
  const port = randomInt(12_000, 32_000);
  const isFree = await new Promise<boolean>((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
  return isFree ? port : await freePort();
}

interface Node {
  readonly folder: string;
  readonly httpPort: number;
  readonly tcpPort: number;
}

/** One server. It keeps its ports and its folder over a crash, so that it can be started again. */
export class ClickhouseServer {
  readonly url: string;
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(launch: readonly string[], { folder, httpPort, tcpPort }: Node, configFile: string) {
    this.url = `http://127.0.0.1:${httpPort}`;
    this.#command = [
      ...launch,
      `--config-file=${configFile}`,
      `--path=${folder}`,
      "--listen_host=127.0.0.1",
      `--http_port=${httpPort}`,
      `--tcp_port=${tcpPort}`,
      `--query=${LISTEN}`,
    ];
  }

  async start(): Promise<void> {
    const [program, ...rest] = this.#command;
    const child = spawn(program!, rest, {
      stdio: ["pipe", "ignore", "pipe"],
      env: { TZ: "UTC", PATH: "/usr/bin:/bin" },
    });
    this.#child = child;
    const last = { stderr: "" };
    child.stderr.on("data", (chunk: Buffer) => {
      last.stderr = (last.stderr + chunk.toString()).slice(-STDERR_CHARS_MAX);
    });
    this.#ended = new Promise((resolve) => child.once("exit", () => resolve()));
    for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += 50) {
      if (child.exitCode !== null) break;
      if (await this.answers()) return;
      await sleep(50);
    }
    child.kill("SIGKILL");
    throw new Error(`the ClickHouse server does not start: ${last.stderr}`);
  }

  async answers(): Promise<boolean> {
    return await fetch(`${this.url}/ping`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
      .then(async (response) => (await response.text()) === "Ok.\n")
      .catch(() => false);
  }

  /** Whether it does what it is asked; one that has ended, or is about to after a fatal error, does not. */
  async works(): Promise<boolean> {
    const asked = { method: "POST", body: "select 1", signal: AbortSignal.timeout(ANSWER_MS_MAX) };
    return await fetch(this.url, asked).then(
      async (response) => (await response.text()) === "1\n",
      () => false,
    );
  }

  /** It says nothing any more and closes no connection, like a machine without power; until it is thawed. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }
}

/** Servers under test; `close` ends them and removes what they had. */
export interface ClickhouseServers {
  readonly nodes: readonly ClickhouseServer[];
  /** As the setting takes them. */
  readonly urls: string;
  close(): Promise<void>;
}

export const CLUSTER = "pair";
/** May do what docs/operating/usage-engine.md says that Stampbook's user has to be able to do, and nothing else. */
export const PROTECTED_USER = {
  name: "stampbook",
  password: "correct-horse-7",
  grants: [
    "SELECT, INSERT, CREATE DATABASE, CREATE TABLE, DROP TABLE, ALTER ON signed_in.*",
    "SELECT ON system.clusters",
    "SELECT ON system.processes",
    "TABLE ENGINE ON MergeTree, TABLE ENGINE ON ReplacingMergeTree, TABLE ENGINE ON Distributed",
    "REMOTE ON *.*",
  ],
};

const USERS = `<clickhouse>
  <profiles><default/></profiles><quotas><default/></quotas>
  <users>
    <default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <${PROTECTED_USER.name}>
      <password>${PROTECTED_USER.password}</password>
      <networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants>${PROTECTED_USER.grants.map((grant) => `<query>GRANT ${grant}</query>`).join("")}</grants>
    </${PROTECTED_USER.name}>
  </users>
</clickhouse>`;

const shardXml = ({ tcpPort }: Node): string =>
  `<shard><internal_replication>true</internal_replication>
    <replica><host>127.0.0.1</host><port>${tcpPort}</port></replica></shard>`;

const configXml = (nodes: readonly Node[], number: number, usersFile: string): string => `<clickhouse>
  <users_config>${usersFile}</users_config>
  <remote_servers><${CLUSTER}>${nodes.map(shardXml).join("\n")}</${CLUSTER}></remote_servers>
  <macros><shard>${number}</shard><replica>one</replica></macros>
</clickhouse>`;

/** Starts one server, or as many shards as are asked for, which know each other as the cluster `CLUSTER`. */
export async function startClickhouse(shards = 1): Promise<ClickhouseServers> {
  const root = mkdtempSync(join(tmpdir(), "stampbook-clickhouse-"));
  const launch = launcher(root);
  const nodes: Node[] = [];
  for (let i = 1; i <= shards; i += 1) {
    const folder = join(root, `node${i}`);
    mkdirSync(folder);
    nodes.push({ folder, httpPort: await freePort(), tcpPort: await freePort() });
  }
  const usersFile = join(root, "users.xml");
  writeFileSync(usersFile, USERS);
  const servers = nodes.map((node, i) => {
    const configFile = join(root, `node${i + 1}.xml`);
    writeFileSync(configFile, configXml(nodes, i + 1, usersFile));
    return new ClickhouseServer(launch, node, configFile);
  });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(root, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return { nodes: servers, urls: servers.map(({ url }) => url).join(","), close };
}
