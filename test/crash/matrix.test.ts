import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { CrashMatrix, matrix } from "./matrix.ts";

// Goal: at whatever step a process dies, all that was acknowledged is there once, decisions are whole, and what was not
// acknowledged can be done again. Method: one server after the other on one data folder; each is stopped, or its engine
// is, by kill -9 at one named point (src/lib/faultPoint.ts) in the middle of real work.

test(`kill -9 at every fault point, of the server and of the engine: ${matrix.flat().length} kills`, async () => {
  const crashes = new CrashMatrix(join(temporaryFolder(), "data"));
  await crashes.open();
  for (const stops of matrix) await crashes.stop(stops);
  const report = await crashes.close();
  console.log(JSON.stringify(report));
  expect(report.kills).toBe(matrix.flat().length);
  expect(report.kills).toBeGreaterThanOrEqual(20);
}, 900_000);
