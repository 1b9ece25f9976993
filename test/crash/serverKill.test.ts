import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { killUnderLoad } from "./underLoad.ts";

// Goal: what was acknowledged is there once, whoever is killed and whenever; what was not can be sent again.
// Method: two senders share one registration and send batches of several pieces, each with a conflict that lies pieces
// apart from its first version; kill -9 hits the server or only its engine at random moments; a batch is sent again until
// it is acknowledged; then what is stored is compared with what was sent. SEED and KILLS may be set from outside; many
// kills are for `npm run crash`.

const SEED = Number(process.env["SEED"] ?? "1");
const KILLS = Number(process.env["KILLS"] ?? "8");

test(`${KILLS} kills of the server or its engine under load (SEED=${SEED})`, async () => {
  const plan = { seed: SEED, kills: KILLS, recordsPerBatch: 25_000 };
  const report = await killUnderLoad(join(temporaryFolder(), "data"), plan);
  console.log(JSON.stringify({ seed: SEED, ...report }));
  expect(report.kills).toBe(KILLS);
}, 900_000);
