// Kills by hand: npm run crash -- --kills 200 --seed 1. First at every fault point, then at random under load.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CrashMatrix, matrix } from "./matrix.ts";
import { killUnderLoad } from "./underLoad.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    records: { type: "string", default: "25000" },
  },
});
const [kills, seed, recordsPerBatch] = [values.kills, values.seed, values.records].map(Number) as [
  number,
  number,
  number,
];
/** Kills on one store under load; the next ones find an empty one, whose contents are quickly compared. */
const KILLS_PER_STORE = 40;

const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), "stampbook-crash-"));
let made = 0;
const tell = (what: object): void => {
  console.log(JSON.stringify({ seed, seconds: Math.round((performance.now() - began) / 1_000), made, ...what }));
};

const crashes = new CrashMatrix(join(folder, "matrix"));
await crashes.open();
for (const stops of matrix) {
  if (made < kills) await crashes.stop(stops);
  made = crashes.kills;
}
tell({ atFaultPoints: await crashes.close() });
for (let store = 0; made < kills; store += 1) {
  const plan = { seed: seed + store, kills: Math.min(KILLS_PER_STORE, kills - made), recordsPerBatch };
  const report = await killUnderLoad(join(folder, `load-${store}`), plan);
  made += report.kills;
  tell({ underLoad: report });
  rmSync(join(folder, `load-${store}`), { recursive: true });
}
rmSync(folder, { recursive: true });
