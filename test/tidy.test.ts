import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isTest, ROOT, roomOf, sourceFiles } from "./support/sources.ts";

// Goal: the house rules hold without anybody watching. Method: read the sources as text and compare with what is allowed.

const product = sourceFiles("src", "simulator").filter(({ path }) => !isTest(path));
const everything = sourceFiles("src", "simulator", "test", "bench", "scripts");

/** Which rooms and packages a room may import from; node built-ins are named where they are not free to use. */
const MAY_IMPORT: Readonly<Record<string, RegExp>> = {
  lib: /^(lib|node:(assert|buffer|crypto|v8|zlib)|string-width|csv-parse|jose|fastest-levenshtein)/,
  domain: /^(domain|lib|node:assert|fastest-levenshtein)/,
  operations: /^(operations|domain|lib|node:(assert|crypto)|fastest-levenshtein)/,
  identity: /^(identity|http|operations|domain|lib|node:|jose|lru-cache|@peculiar\/x509|fastify)/,
  resolver: /^(resolver|domain|lib|typebox|cockatiel|lru-cache)/,
  jobs: /^(jobs|operations|domain|lib)/,
  metrics: /^(metrics|operations|domain|lib|prom-client)/,
  exportThreads: /^(exportThreads|operations|storage\/control\/reader|domain|lib|node:(assert|os|path|worker_threads))/,
  exportTarget: /^(exportTarget|domain|lib|node:(fs|path)|typebox|aws4fetch)/,
  webhook: /^(webhook|operations|domain|lib|node:(crypto|fs))/,
  storage: /^(storage|domain|lib|node:|kysely|chdb|@clickhouse\/client)/,
  http: /^(http|operations|domain|lib|node:|fastify|typebox)/,
  arm: /^(arm|http|operations|domain|lib|fastify|node:crypto)/,
  pdf: /^(pdf|domain|lib|node:(assert|fs|zlib)|pdfkit)/,
  v1: /^(v1|http|operations|pdf|domain|lib|fastify|typebox)/,
  commerce: /^(commerce|arm\/(apiVersions|armRoute|request)|http|operations|domain|lib|fastify)/,
  client: /^(client|node:)/,
  bridge: /^(bridge|client|domain|lib|storage\/folderLock|node:|prom-client)/,
  simulator: /^(simulator|domain|lib|node:(assert|crypto|http|https|net|os|stream|timers))/,
  cli: /^(cli|client|domain|lib|settings|version|node:|commander|@clack\/prompts)/,
  demo: /^(demo|client|cli\/usageImport|domain|lib|simulator|node:)/,
};

/** What single files may import beyond their room; each is a place where rooms meet on purpose. */
const MEETING_PLACES: Readonly<Record<string, RegExp>> = {
  "src/cli/connect.ts": /^(compose|storage\/dataFolder)/,
  "src/cli/commands/serve.ts": /^main/,
  "src/cli/commands/errors.ts": /^http\/errorBody/,
  "src/cli/commands/bridge.ts": /^bridge/,
  "src/cli/commands/bridgeBundles.ts": /^bridge/,
  "src/cli/commands/doctor.ts": /^bridge/,
  "src/cli/bridgeTeller.ts": /^bridge\/events/,
  "src/cli/commands/demo.ts": /^demo/,
  "src/cli/commands/simulator.ts": /^simulator/,
  "src/cli/commands/simulatorServe.ts": /^simulator/,
  "src/cli/arguments.ts": /^simulator/,
  "simulator/hub/hub.ts": /^identity\/certificates/,
  "src/demo/folder.ts": /^storage\/dataFolder/,
};

const inRoom = (target: string): string => target.replace(/^src\//, "").replace(/\.ts$/, "");

describe("direction of imports", () => {
  test.each(Object.keys(MAY_IMPORT))("%s", (room) => {
    const files = product.filter(({ path }) => roomOf(path) === room);
    expect(files.length).toBeGreaterThan(0);
    const strangers = files.flatMap(({ path, imports }) =>
      imports
        .map(inRoom)
        .filter((target) => !MAY_IMPORT[room]!.test(target) && !MEETING_PLACES[path]?.test(target))
        .map((target) => `${path} → ${target}`),
    );
    expect(strangers).toEqual([]);
  });

  test("every room has a rule, and only compose, main, settings and version stand above the rooms", () => {
    const rooms = new Set(product.map(({ path }) => roomOf(path)));
    rooms.delete("src");
    expect([...rooms].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
    const above = product.filter(({ path }) => roomOf(path) === "src").map(({ path }) => path);
    expect(above.sort()).toEqual(["src/compose.ts", "src/main.ts", "src/settings.ts", "src/version.ts"]);
  });

  test("nothing outside the engine folders names an engine, except where the stores are opened", () => {
    const naming = product
      .filter(({ path }) => !path.startsWith("src/storage/") && path !== "src/compose.ts")
      .filter(({ imports }) => imports.some((target) => /chdb|sqlite|clickhouse|postgres/i.test(target)));
    expect(naming.map(({ path }) => path)).toEqual([]);
  });
});

interface Ban {
  readonly what: RegExp;
  readonly instead: string;
  readonly in?: RegExp;
  readonly except?: RegExp;
}

const BANS: readonly Ban[] = [
  { what: /\bDate\.now\(|new Date\(/, instead: "a clock that is passed in", except: /^src\/lib\/instant\.ts$/ },
  { what: /\bMath\.random\(/, instead: "lib/prng.ts, or an id that is passed in" },
  { what: /\bprocess\.env\b/, instead: "settings.ts", except: /^src\/settings\.ts$/ },
  { what: /\bconsole\./, instead: "cli/output.ts", except: /^src\/cli\/output\.ts$/ },
  {
    what: /\bparseFloat\(|\bNumber\(|\.toFixed\(/,
    instead: "lib/decimal.ts",
    in: /^src\/(domain\/(?!faults\/fault)|operations|storage)/,
  },
  { what: /\bas any\b|: any\b/, instead: "a type" },
  // After a crash it loses rows that were acknowledged: its log may have the token where the part is missing.
  { what: /insert_deduplication_token/, instead: "identity in the sort key" },
];

describe("banned", () => {
  test.each(BANS.map((ban) => [ban.what.source, ban] as const))("%s", (_, { what, in: within, except, instead }) => {
    const offenders = product
      .filter(({ path }) => (within?.test(path) ?? true) && !except?.test(path))
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .map((line, i) => ({ line, at: `${path}:${i + 1}` }))
          .filter(({ line }) => what.test(line.replace(/\/\/.*|^\s*\*.*/, "")))
          .map(({ at }) => `${at}: use ${instead}`),
      );
    expect(offenders).toEqual([]);
  });

  test("work that is left undone is not merged", () => {
    const marks = new RegExp(["FIX", "ME|TO", "DO\\b(?!.*#\\d)"].join(""));
    expect(everything.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test("vague names for files and folders", () => {
    const vague = everything.filter(({ path }) =>
      /(^|\/)(utils?|helpers?|common|misc|manager|service)s?(\.|\/)/i.test(path),
    );
    expect(vague.map(({ path }) => path)).toEqual([]);
  });
});

test("an answer that is remembered depends on no part of a request that is not compared", () => {
  const compared = product.find(({ path }) => path === "src/http/recentAnswers.ts")!.text;
  const arm = product.filter(({ path }) => roomOf(path) === "arm").map(({ text }) => text);
  const takenFrom = /\{([^{}]*)\} = request\.headers;/g;
  const names = arm.flatMap((text) => [...text.matchAll(takenFrom)].flatMap(([, taken]) => taken!.match(/"[\w-]+"/g)!));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !compared.includes(`${name}:`))).toEqual([]);
  const rest = arm.map((text) => text.replaceAll(takenFrom, "")).join("");
  expect(rest).not.toMatch(/request\.(headers|raw|ip|ips|hostname|protocol|socket|cookies)\b/);
});

test("the README has at most 150 lines, CONTRIBUTING at most 80", () => {
  const lines = (file: string): number => readFileSync(join(ROOT, file), "utf8").split("\n").length;
  expect(lines("README.md")).toBeLessThanOrEqual(150);
  expect(lines("CONTRIBUTING.md")).toBeLessThanOrEqual(80);
});

test("every runtime dependency is pinned exactly and explained in a decision", () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const versions = Object.values({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const folder = join(ROOT, "docs/decisions");
  const decisions = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const unexplained = Object.keys({ ...dependencies, ...optionalDependencies }).filter(
    (name) => !decisions.some((text) => text.includes(name)),
  );
  expect(unexplained).toEqual([]);
});

test("links in the documentation lead somewhere", () => {
  const pages = ["README.md", "CONTRIBUTING.md", ...markdownBelow("docs")];
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target]) => join(page, "..", target!))
      .filter((target) => !exists(target))
      .map((target) => `${page} → ${target}`),
  );
  expect(broken).toEqual([]);
});

function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file));
}

function exists(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false }) !== undefined;
}

test("the lock file has the engine for every platform, also for those that a registry does not carry", () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string } | undefined>;
  };
  const wanted = Object.keys(packages["node_modules/chdb"]?.optionalDependencies ?? {});
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
  // No address of a registry belongs into the repository.
  expect(Object.values(packages).filter((entry) => entry?.resolved !== undefined)).toEqual([]);
});
