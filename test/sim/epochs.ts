import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { Simulation } from "./simulation.ts";
import { World } from "./world.ts";

export interface Plan {
  readonly seed: number;
  readonly steps: number;
  /** Steps that one store lives for; the next one begins empty. */
  readonly stepsPerEpoch: number;
  /** How many stores are worked on at once: each waits for its engine most of the time. */
  readonly atOnce: number;
  readonly fullEvery: number;
  readonly spoil?: (usage: UsageStore) => UsageStore;
}

/** Thrown with everything that is needed to see it again. */
export class Divergence extends Error {}

/** In memory where there is such a place: what a step means does not hang on fsync, and how long it takes does. */
const PLACE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * Simulates in epochs, each with a seed of its own, so that a failure is replayed from the beginning of its epoch.
 * @returns how often each kind of step was made
 */
export async function simulate(plan: Plan): Promise<Record<string, number>> {
  const { seed, steps, stepsPerEpoch, atOnce } = plan;
  const counts: Record<string, number> = {};
  const epochs = Math.ceil(steps / stepsPerEpoch);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let epoch = next++; epoch < epochs; epoch = next++) {
      // The first epoch has the seed itself: whoever is given the seed of a failure replays that epoch alone.
      const own = epoch === 0 ? seed : hash32(seed, epoch);
      const made = await simulateEpoch(own, Math.min(stepsPerEpoch, steps - epoch * stepsPerEpoch), plan);
      for (const [kind, count] of Object.entries(made)) counts[kind] = (counts[kind] ?? 0) + count;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, epochs) }, work));
  return counts;
}

async function simulateEpoch(
  seed: number,
  steps: number,
  { fullEvery, spoil }: Plan,
): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(PLACE, "stampbook-sim-"));
  const world = await World.open(folder, spoil);
  const simulation = new Simulation(world, seed);
  try {
    await simulation.run(steps, fullEvery);
    return simulation.counts;
  } catch (cause) {
    const last = simulation.lastSteps.map((step) => `  ${step.slice(0, 1_500)}`).join("\n");
    throw new Divergence(
      `${(cause as Error).message}\nSeen again with: npm run sim -- --seed ${seed} --steps ${steps} --epoch-steps ${steps}\nThe last steps:\n${last}`,
      { cause },
    );
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
