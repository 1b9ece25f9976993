import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { registrationToken, type Stamp } from "../simulator/stamps.ts";
import { ndjson } from "../simulator/usage.ts";
import { createWorld, type World } from "../simulator/world.ts";
import type { Client } from "../src/client/client.ts";
import { hourStartMs } from "../src/domain/ids.ts";
import { DAY_MS } from "../src/lib/instant.ts";

export const SEED = 11;
export const PERIOD = "2024-02";
const FOLDER = join(import.meta.dirname, "../.bench");

export interface Dataset {
  readonly world: World;
  readonly name: string;
  /** One NDJSON file for each stamp, of north first. */
  readonly files: readonly { readonly stamp: Stamp; readonly file: string }[];
}

/** A month of the simulator as files; they are kept for the next run. */
export async function dataset(records: number): Promise<Dataset> {
  const world = createWorld({ seed: SEED, period: PERIOD, records });
  mkdirSync(FOLDER, { recursive: true });
  const files = [];
  for (const stamp of world.stamps) {
    const file = join(FOLDER, `seed-${SEED}-${PERIOD}-${records}-${stamp.name}.ndjson`);
    if (!existsSync(file)) await write(file, world, stamp);
    files.push({ stamp, file });
  }
  return { world, name: `simulator ${PERIOD}, ${records} records, 3 stamps`, files };
}

async function write(file: string, world: World, stamp: Stamp): Promise<void> {
  const target = createWriteStream(`${file}.part`);
  for (const buffer of ndjson(world, stamp)) if (!target.write(buffer)) await once(target, "drain");
  target.end();
  await finished(target);
  renameSync(`${file}.part`, file);
}

/** When the month is over. */
export const afterPeriodMs = (world: World): number => hourStartMs(world.period.to) + 2 * DAY_MS;

export async function registerWorld(client: Client, world: World): Promise<void> {
  await client.putCatalogue(world.catalogue);
  for (const stamp of world.stamps) {
    await client.register(stamp.scope, registrationToken(stamp));
    await client.putLocalSubscriptions(stamp.scope.name, world.localSubscriptions(stamp));
    if (stamp.billingModel !== "PayAsYouUse") continue;
    await client.approval(stamp.scope.name, "request");
    await client.approval(stamp.scope.name, "approve");
  }
}

/** Maps tenants as the world's history tells, each change at its own time. */
export async function mapWorld(client: Client, world: World, setNow: (ms: number) => void): Promise<void> {
  const mapped = new Map<string, string>();
  for (const { atMs, stamp, tenant, customerSubscription } of world.mappingSteps) {
    setNow(atMs);
    const { scope } = world.stamps.find(({ name }) => name === stamp)!;
    const key = `${stamp} ${tenant}`;
    if (customerSubscription === null) await client.unmap(scope, mapped.get(key)!);
    else {
      await client.map(scope, customerSubscription);
      mapped.set(key, customerSubscription);
    }
  }
}
