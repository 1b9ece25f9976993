import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../src/lib/instant.ts";
import { fraction } from "../../src/lib/prng.ts";
import { BridgeProcess, changingKeys, registerHub, startHubHere, storedSums, trueSums } from "../support/bridgeHub.ts";
import { makeBridgePlace, serveAgain, serveForBridge } from "../support/bridgePlace.ts";
import { GapWatch } from "../support/gapsTold.ts";
import { mustClose } from "../support/temporary.ts";
import { instant } from "../support/world.ts";

// Goal: whatever goes wrong at a stamp and on the way, however often the bridge is killed and cut off and the server starts
// anew, in the end the server holds what the stamp has in truth, to the last digit and record; and while hours are missing there,
// it says which. Method: the simulated Hub with
// all its faults, the bridge as a process that gets kill -9 at random moments, a real server; then the faults end and the bridge
// catches up. By hand, for long: npm run sim -- bridge --days 90 --seed 1.

const SEED = Number(process.env["SEED"] ?? 11);
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const HOURS_A_ROUND = Number(process.env["HOURS_A_ROUND"] ?? 7);
/** A round's bridge is killed so long, at most, after it was seen at work. */
const KILL_MS_MAX = Number(process.env["KILL_MS_MAX"] ?? 400);
const TIMEOUT_MS = Number(process.env["TIMEOUT_MS"] ?? 300_000);
const LATE_HOURS_MAX = 8;
const REREAD_HOURS = LATE_HOURS_MAX + 2;
const FROM = instant("2024-02-01T00:00:00Z");
/** How far back is looked after each round. */
const LOOK_HOURS = 48;
const ROUNDS_A_LINE = 20;

const lately = (nowMs: number) => ({ fromMs: Math.max(FROM, nowMs - LOOK_HOURS * HOUR_MS), toMs: nowMs });
const secondsSince = (begun: number): number => Math.round((performance.now() - begun) / 1_000);

test(
  `SEED=${SEED} ROUNDS=${ROUNDS}: all faults, killed at random, cut off, started anew: in the end the store equals the truth`,
  async () => {
    let server = mustClose(await serveForBridge());
    await registerHub(server.client, { seed: SEED, period: "2024-02" });
    const hub = mustClose(
      await startHubHere({
        seed: SEED,
        records: 200_000,
        fromMs: FROM,
        nowMs: FROM + 12 * HOUR_MS,
        faults: { rates: "all", shapes: { retryAfterSeconds: 0, slowMs: 50, lateHoursMax: LATE_HOURS_MAX } },
      }),
    );
    const { providerSubscription, clientId, clientSecret } = hub;
    const place = makeBridgePlace(
      server,
      {
        name: "north",
        registration: "stamp-north",
        adminUrl: hub.url,
        caFile: hub.caFile,
        providerSubscription,
        startAt: new Date(FROM).toISOString(),
        settleMinutes: 0,
        rereadHours: REREAD_HOURS,
      },
      { clientId, clientSecret },
    );
    const config = JSON.parse(readFileSync(place.configFile, "utf8")) as Record<string, unknown>;
    const bridge = new BridgeProcess(place.configFile);
    let [kills, restarts, cutOffs, hoursMissing] = [0, 0, 0, 0];
    const watch = new GapWatch("stamp-north", FROM);
    const begun = performance.now();
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Every third round nobody answers where the server was, and every fourth one it is started anew.
      const isCutOff = round % 3 === 0;
      if (isCutOff) cutOffs += 1;
      if (round % 4 === 0) {
        await server.close();
        server = mustClose(await serveAgain(server));
        config["serverUrl"] = server.url;
        restarts += 1;
      }
      writeFileSync(
        place.configFile,
        JSON.stringify(isCutOff ? { ...config, serverUrl: "https://127.0.0.1:1" } : config),
      );
      // Killed while it reads, and while it delivers: an answer may be lost on the way.
      const event = isCutOff || round % 2 === 1 ? "windowRead" : "delivered";
      if (await bridge.runAndKill(event, KILL_MS_MAX * fraction(SEED, round))) kills += 1;
      const nowMs = hub.clock.now();
      const { missing, findings } = await watch.look(server.client, lately(nowMs));
      hoursMissing = Math.max(hoursMissing, missing.length);
      if (isCutOff) {
        const since = Array.from({ length: HOURS_A_ROUND }, (_, i) => nowMs - (HOURS_A_ROUND - i) * HOUR_MS);
        expect(missing, "every hour since the round before").toEqual(expect.arrayContaining(since));
        expect(findings).toContain("CursorStuck");
      }
      if (round % ROUNDS_A_LINE === 0) console.log(JSON.stringify({ round, seconds: secondsSince(begun) }));
      hub.clock.advance(HOURS_A_ROUND * HOUR_MS);
    }
    writeFileSync(place.configFile, JSON.stringify(config));
    const changing = changingKeys(hub, FROM, hub.clock.now());
    const faults = hub.faults.counts();
    hub.faults.set("none");
    // Past the depth of reading again: each hour is read once more, with all rows that were late.
    hub.clock.advance((REREAD_HOURS + 1) * HOUR_MS);
    // On the hour: the Hub has the newest one not ready, and nothing is behind all the same.
    await bridge.catchUp();
    expect(bridge.said).toContain('"kind":"not-ready"');
    hub.clock.advance(30 * MINUTE_MS);
    await bridge.catchUp();
    const toMs = Math.floor(hub.clock.now() / HOUR_MS) * HOUR_MS;
    const { missing, findings } = await watch.look(server.client, { fromMs: FROM, toMs });
    expect([missing, findings.filter((kind) => kind === "Gap" || kind === "CursorStuck")]).toEqual([[], []]);
    const truth = trueSums(hub, FROM, toMs, (key) => changing.has(key));
    const stored = await storedSums(server.client, "stamp-north", FROM, toMs);
    const told = stored.texts.filter((text) => !changing.has(text.split(":")[0]!));
    const work = JSON.stringify({
      hours: (toMs - FROM) / HOUR_MS,
      sums: told.length,
      kills,
      restarts,
      cutOffs,
      hoursMissing,
      seconds: secondsSince(begun),
      faults,
    });
    console.log(`SEED=${SEED}: ${work}`);
    const seen = Object.entries(faults).filter(([, times]) => times > 0);
    // During a maintenance there is no work.
    if (faults.maintenance === 0) expect(kills, "killed at work").toBeGreaterThan(ROUNDS / 2);
    expect(seen.length, "faults that occurred").toBeGreaterThan(4);
    expect(truth.texts.length).toBeGreaterThan(10);
    expect(told).toEqual(truth.texts);
    // Of records whose number changes the first one that was read counts; none is missing, and none is there twice.
    const all = trueSums(hub, FROM, toMs, () => false);
    const counted = (texts: readonly string[]): readonly string[] => texts.map((text) => text.split(",")[0]!);
    expect(counted(stored.texts)).toEqual(counted(all.texts));
    await hub.close();
    await server.close();
  },
  TIMEOUT_MS,
);
