import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../lib/instant.ts";
import { tell } from "../completeness/diagnosis.ts";
import { diagnoseBridge, diagnoseSource } from "./doctor.ts";
import { startSourceState } from "./sourceState.ts";
import { startState } from "./stampState.ts";

const NOW = 7 * DAY_MS;

test("what a bridge can tell", () => {
  const limits = { spoolBytesMax: 100, spoolWarnPercent: 70 };
  const reading = {
    startMs: 0,
    readAtMs: 0,
    rows: 1,
    digest: "x",
    by: "subscription" as const,
    confirmTries: 0,
    readings: 1,
    number: 1,
    file: "1",
    bytes: 40,
  };
  const good = startState(NOW - HOUR_MS);
  expect(diagnoseBridge("north", good, limits, NOW)).toEqual([]);
  const bundle = { number: 1, content: "", after: "", createdAt: "", readings: [] };
  const bad = {
    ...good,
    cursorMs: NOW - 10 * HOUR_MS,
    skewMs: -90_000,
    spool: [reading],
    setAside: [reading],
    bundles: [bundle, { ...bundle, number: 2 }],
    recent: [reading],
  };
  const found = diagnoseBridge("north", bad, limits, NOW);
  expect(found.map(({ kind }) => kind)).toEqual([
    "ReadingStuck",
    "ClockSkewed",
    "SpoolFilling",
    "RowsRejected",
    "BundlesUnconfirmed",
    "HoursUnconfirmed",
  ]);
  const [english, chinese] = (["en", "zh-Hans"] as const).map((language) => found.map((so) => tell(so, language)));
  expect(english![1]!.what).toBe("the stamp's clock is 90 s behind this machine's");
  expect(chinese![1]!.what).toBe("部署单元的时钟比本机慢 90 秒");
  for (const { what, remedy } of [...english!, ...chinese!]) {
    expect([what, ...remedy].join("\n")).not.toMatch(/undefined|[{}]/);
  }
});

test("what it can tell of a folder or an HTTP source", () => {
  const limits = { spoolBytesMax: 100, spoolWarnPercent: 70 };
  expect(diagnoseSource("files", startSourceState, limits)).toEqual([]);
  const about = { number: 1, file: "1", bytes: 80, digest: "", contentType: "", from: "a.json" };
  const setAside = [{ ...about, reason: "UsageBodyEmpty" }];
  const files = [{ name: "b.json", digest: "", refused: "FileChanged" }];
  const found = diagnoseSource("files", { ...startSourceState, setAside, files }, limits);
  expect(found.map((so) => `${so.kind}: ${tell(so, "en").what}`)).toEqual([
    "SpoolFilling: 80 of 100 bytes of the spool are used",
    "PiecesSetAside: the server did not take all of 1 pieces, which are kept: a.json (UsageBodyEmpty)",
    "FilesRefused: nothing was taken of 1 files: b.json (FileChanged)",
  ]);
  for (const so of found) expect(tell(so, "zh-Hans").what).not.toMatch(/undefined|[{}]/);
});
