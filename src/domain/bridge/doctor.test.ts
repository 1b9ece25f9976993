import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../lib/instant.ts";
import { tell } from "../completeness/diagnosis.ts";
import { diagnoseBridge } from "./doctor.ts";
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
