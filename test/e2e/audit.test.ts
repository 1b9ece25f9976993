import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import type { AuditInfo } from "../../src/client/types.ts";
import { stampbook as run } from "../support/cli.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth } from "../support/world.ts";

// Goal: each write and each refusal leaves one record with who, from where, what, before and after; and the command
// tells whether the audit is as it was written.

const HOUR = "2024-02-10T10:00:00Z";

test("each write and each refusal is in the audit, with what it changed", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const since = async (number: number): Promise<AuditInfo[]> =>
    (await client.audit()).filter((so) => so.number > number).toReversed();
  const start = (await client.audit({ limit: 1 }))[0]!.number;
  const target = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;

  await client.putLocalSubscriptions("north", [
    { localSubscription: ids.local, tenant: ids.secondTenant },
    { localSubscription: "40000000-0000-4000-8000-00000000000a", tenant: ids.tenant },
    { localSubscription: ids.secondLocal, tenant: ids.secondTenant },
  ]);
  await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.secondTenant }]);
  const lines = asLines([hubRecord({ hour: HOUR, quantity: "1" }), "{}"]);
  const window = { start: "2024-02-10T11:00:00Z", end: "2024-02-10T12:00:00Z" };
  const { batch } = await client.takeIn("north", lines, window);
  await client.runStatements("2024-02");
  await client.runStatements("2024-02");
  await expect(client.map(NORTH, ids.foreign)).rejects.toBeInstanceOf(Refused);
  await expect(client.mapped(NORTH, ids.foreign)).rejects.toBeInstanceOf(Refused);

  const records = await since(start);
  const who = { actor: "local", actorId: "00000000-0000-0000-0000-000000000000", address: "local" };
  expect(records).toMatchObject([
    {
      ...who,
      action: "Stampbook/localSubscriptions/write",
      target,
      outcome: "done",
      detail: { given: 3, added: 1, changes: 2 },
    },
    {
      ...who,
      action: "Stampbook/usage/write",
      target,
      detail: { batch, accepted: 1, duplicate: 0, conflict: 0, parked: 0, rejected: 1 },
    },
    { action: "Stampbook/statements/run", target: "2024-02", detail: { before: null, after: { statements: 1 } } },
    { action: "Stampbook/statements/run", detail: { before: { lastBatch: batch }, after: { lastBatch: batch } } },
    { action: expect.stringMatching(/customerSubscriptions\/write$/), outcome: "BadCustomerSubscriptionId" },
    { action: expect.stringMatching(/customerSubscriptions\/read$/), outcome: "CustomerSubscriptionNotFound" },
  ]);
  for (const { correlationId } of records) expect(correlationId).toMatch(/^[0-9a-f-]{36}$/);
  expect((await client.audit({ outcome: "refused", target: "/SUBSCRIPTIONS/", limit: 1 }))[0]!.number).toBe(
    records.at(-1)!.number,
  );
  expect(await client.audit({ since: "2030-01-01T00:00:00Z" })).toEqual([]);
  expect(await client.verifyAudit()).toMatchObject({ intact: true, broken: null, unchained: 0 });
  await expect(client.audit({ since: "yesterday" })).rejects.toMatchObject({ code: "InvalidParameter" });
  await expect(client.verifyAudit("abc")).rejects.toMatchObject({ code: "InvalidParameter" });
  await stampbook.close();
});

test("the command verifies the audit, and says with its exit status when somebody changed it", async () => {
  const stampbook = await openStampbook();
  await registerNorth(stampbook);
  await stampbook.close();
  const cwd = stampbook.folder;
  const at = ["--data-folder", "data"];

  const good = await run(["audit", "verify", "--json", ...at], { cwd });
  expect(good).toMatchObject({ status: 0, stderr: "" });
  const { head, intact } = JSON.parse(good.stdout) as { head: { hash: string; number: number }; intact: boolean };
  expect(intact).toBe(true);
  const noted = await run(["audit", "verify", "--head", head.hash, ...at], { cwd });
  expect(noted.status).toBe(0);
  expect(noted.stdout).toContain(`The noted head is record ${head.number}.`);

  const unknown = await run(["audit", "verify", "--head", "0".repeat(64), ...at], { cwd });
  expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining("AuditHeadNotFound")]);

  const listed = await run(["audit", "list", "--limit", "2", ...at], { cwd });
  expect(listed.stdout).toContain("  localSubscriptions/write  ");
  expect(listed.stderr).toContain(`--before ${head.number - 1}`);
  const older = await run(["audit", "list", "--json", "--before", String(head.number - 1), ...at], { cwd });
  expect((JSON.parse(older.stdout) as { value: AuditInfo[] }).value[0]!.number).toBe(head.number - 2);

  const database = new DatabaseSync(join(cwd, "data", "control.sqlite"));
  database.exec("drop trigger audit_record_keeps_update; update audit_record set actor = 'eve' where id = 2");
  database.close();
  const bad = await run(["audit", "verify", ...at], { cwd });
  expect(bad.status).toBe(1);
  expect(bad.stderr).toContain("AuditChainBroken: The audit is not as it was written: record 2 does not fit its hash");
});
