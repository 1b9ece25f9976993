import { join } from "node:path";
import { expect, test } from "vitest";
import { embed } from "../../src/cli/connect.ts";
import { intervalsOf } from "../../src/domain/history.ts";
import type { TenantId } from "../../src/domain/ids.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { readSettings } from "../../src/settings.ts";
import { wire } from "../support/http.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { ids, instant, registerNorth } from "../support/world.ts";

// Goal: whatever 64 clients do to the same tenants at once, the result and every answer is that of one after another.
// Method: a clock that moves at each look, so that the changes that were recorded are the serial order; each answer must
// agree with the state at some moment between its request and its arrival.

const CLIENTS = 64;
const STEPS = 12;
const SEED = 7;
const STEP_MS = 10_000;

const V = "api-version=2017-06-01";
const CUSTOMERS = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north/customerSubscriptions`;

/** Three tenants, each with two subscriptions that can pay. */
const TENANTS = [1, 2, 3].map((n) => `70000000-0000-4000-8000-00000000000${n}` as TenantId);
const PAYERS = TENANTS.flatMap((tenant, i) =>
  [1, 2].map((n) => ({ subscription: `80000000-0000-4000-8000-0000000000${i + 1}${n}`, tenant })),
);

interface Answered {
  readonly method: "PUT" | "DELETE" | "GET";
  readonly subscription: string;
  readonly tenant: string;
  readonly status: number;
  readonly etag: string | undefined;
  readonly from: number;
  readonly to: number;
}

test(`${CLIENTS} clients map, remap and remove the same tenants (SEED=${SEED})`, async () => {
  let nowMs = instant("2024-02-01T00:00:00Z");
  const clock = { now: () => (nowMs += STEP_MS) };
  const settings = readSettings({ dataFolder: join(temporaryFolder(), "data"), logLevel: "silent" }, {});
  const stampbook = mustClose(await embed(settings, "en", { clock }));
  await registerNorth(stampbook);
  await stampbook.client.putCatalogue(PAYERS.map((so) => ({ ...so, offerType: "CSP", partner: "contoso" })));

  const answers: Answered[] = [];
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const call = wire(stampbook.socketPath);
      for (let step = 0; step < STEPS; step += 1) {
        const chance = hash32(SEED, client * STEPS + step);
        const { subscription, tenant } = PAYERS[chance % PAYERS.length]!;
        const method = (["PUT", "PUT", "DELETE", "GET"] as const)[(chance >>> 8) % 4]!;
        const from = nowMs;
        const { status, body } = await call(method, `${CUSTOMERS}/${subscription}?${V}`);
        answers.push({ method, subscription, tenant, status, etag: body?.etag, from, to: nowMs });
      }
    }),
  );

  const changes = (
    await stampbook.stampbook.context.control.tenancy.changes({ recordedUntilMs: Number.MAX_SAFE_INTEGER })
  ).filter(({ tenant }) => TENANTS.includes(tenant));
  const numbers = changes.map(({ id }) => id);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  for (const tenant of TENANTS) {
    const own = changes.filter((change) => change.tenant === tenant);
    const intervals = intervalsOf(own);
    intervals.forEach((interval, i) => expect(interval.to).toBe(intervals[i + 1]?.from ?? null));
    const current = await stampbook.stampbook.context.control.tenancy.findCurrentOfTenant(own[0]!.registration, tenant);
    expect(current?.customer ?? null, "the newest change is the current mapping").toBe(own.at(-1)!.customer);
    expect(intervals.at(-1)!.change.customer, "and the open interval").toBe(own.at(-1)!.customer);
    expect(own.every(({ effectiveHour }, i) => i === 0 || effectiveHour >= own[i - 1]!.effectiveHour)).toBe(true);
  }

  /** The change that a subscription's mapping is by, from each moment on at which that changed; undefined for none. */
  const states = (subscription: string, tenant: string) => {
    const list: { readonly atMs: number; readonly change: number | undefined }[] = [{ atMs: 0, change: undefined }];
    for (const change of changes.filter((so) => so.tenant === tenant)) {
      list.push({ atMs: change.recordedAtMs, change: change.customer === subscription ? change.id : undefined });
    }
    return list;
  };
  const during = ({ subscription, tenant, from, to }: Answered) => {
    const list = states(subscription, tenant);
    return list.filter(({ atMs }, i) => atMs <= to && (list[i + 1]?.atMs ?? Number.MAX_SAFE_INTEGER) >= from);
  };
  for (const answer of answers) {
    const seen = during(answer).map(({ change }) => change);
    const why = JSON.stringify({ ...answer, seen });
    const mapped = answer.etag === undefined ? undefined : Number.parseInt(answer.etag.slice(1), 16);
    if (answer.method === "DELETE") {
      expect([200, 204], why).toContain(answer.status);
      expect(seen, why).toContain(undefined);
    } else if (answer.status === 200) expect(seen, why).toContain(mapped);
    else {
      expect([answer.method, answer.status], why).toEqual(["GET", 404]);
      expect(seen, why).toContain(undefined);
    }
  }
  const removals = answers.filter(({ method, status }) => method === "DELETE" && status === 200).length;
  expect(
    changes.filter(({ customer }) => customer === null),
    "each removal that was told happened once",
  ).toHaveLength(removals);
  expect(answers).toHaveLength(CLIENTS * STEPS);
  await stampbook.close();
});
