import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { LIMITS } from "../../src/domain/limits.ts";
import { AUTO_APPROVER } from "../../src/operations/approvals/act.ts";
import { temporaryFolder } from "../support/temporary.ts";
import {
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  type TestStampbook,
  registerStamp,
  tokenOf,
} from "../support/world.ts";
import { refusal } from "../support/refusal.ts";

// Goal: who may map is asked for, decided with a reason, kept with who and when, and told to whoever must hear it.

const SOUTH = { ...NORTH, name: "south" };

test("a request tells what an approver needs; deny and revoke need a reason; the history keeps who and when", async () => {
  const stampbook = await openStampbook({ now: "2024-03-05T12:00:00Z" });
  const { client } = stampbook;
  await registerStamp(client, SOUTH, tokenOf("cloud-south"));
  const { approval, mail } = await client.approval("south", "request", "tenants");
  expect(approval).toBe("requested");
  for (const part of [SOUTH.subscription, SOUTH.resourceGroup, SOUTH.name, "cloud-south"]) {
    expect(mail?.body).toContain(part);
  }
  expect(await client.approvalText("south")).toEqual(mail);
  const unreasoned = await refusal(client.approval("south", "deny", "  "));
  expect([unreasoned.status, unreasoned.code]).toEqual([400, "ApprovalReasonMissing"]);
  stampbook.clock.set("2024-03-06T12:00:00Z");
  expect((await client.approval("south", "deny", "no contract")).approval).toBe("denied");
  expect((await client.approval("south", "request")).approval).toBe("requested");
  expect((await client.approval("south", "approve")).approval).toBe("approved");
  expect((await refusal(client.approval("south", "revoke"))).code).toBe("ApprovalReasonMissing");
  expect((await client.approval("south", "revoke", "contract ended")).approval).toBe("revoked");
  expect(await client.approvalHistory("south")).toMatchObject([
    { action: "request", actor: "local", reason: "tenants", recordedAt: "2024-03-05T12:00:00Z" },
    { action: "deny", actor: "local", reason: "no contract", recordedAt: "2024-03-06T12:00:00Z" },
    { action: "request" },
    { action: "approve" },
    { action: "revoke", reason: "contract ended" },
  ]);
  await stampbook.close();
});

test("the list goes across registrations, by state, with what led to it", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  await registerStamp(client, SOUTH, tokenOf("cloud-south"));
  const names = async (state?: string) => (await client.approvals(state)).map(({ name }) => name);
  expect([await names(), await names("approved"), await names("none"), await names("denied")]).toEqual([
    ["north", "south"],
    ["north"],
    ["south"],
    [],
  ]);
  expect((await client.approvals("approved"))[0]!.lastAction).toMatchObject({ action: "approve", actor: "local" });
  expect((await client.approvals("none"))[0]!.lastAction).toBeNull();
  expect((await refusal(client.approvals("perhaps"))).code).toBe("InvalidParameter");
  await stampbook.close();
});

test("revoked: what is mapped stays and bills, nothing new is mapped; a registration written again keeps its approval", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  await registerStamp(client, NORTH, tokenOf("cloud-north"));
  expect((await client.registration("north")).approval).toBe("approved");
  await client.approval("north", "revoke", "contract ended");
  expect((await client.mapped(NORTH, ids.customer)).properties.tenantId).toBe(ids.tenant);
  expect((await refusal(client.map(NORTH, ids.secondCustomer))).code).toBe("UnauthorizedCspRegistration");
  await stampbook.close();
});

test("with autoApprove a request is approved at once, and the history says by what", async () => {
  const stampbook = await openStampbook({ settings: { autoApprove: "true" } });
  const { client } = stampbook;
  await registerStamp(client, SOUTH, tokenOf("cloud-south"));
  expect(await client.approval("south", "request")).toEqual({ registration: 1, name: "south", approval: "approved" });
  expect(await client.approvalHistory("south")).toMatchObject([
    { action: "request", actor: "local" },
    { action: "approve", actor: AUTO_APPROVER },
  ]);
  expect((await client.registration("south")).approval).toBe("approved");
  await stampbook.close();
});

interface Heard {
  readonly body: string;
  readonly headers: Record<string, unknown>;
}

interface Hook {
  readonly url: string;
  readonly heard: Heard[];
  answer: (n: number) => [number, Record<string, string>?];
}

const hooks: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of hooks.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function startHook(answer: Hook["answer"]): Promise<Hook> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      heard.push({ body, headers: request.headers });
      const [status, headers] = hook.answer(heard.length);
      response.writeHead(status, headers).end();
    });
  });
  hooks.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const hook: Hook = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, heard, answer };
  return hook;
}

const SECRET = "a-secret-of-enough-characters";

async function openWithHook({ url }: Hook, folder = temporaryFolder()): Promise<TestStampbook> {
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, `${SECRET}\n`);
  return await openStampbook({ folder, settings: { approvalWebhookUrl: url, approvalWebhookSecretFile: secretFile } });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error("it did not happen");
}

test("the webhook hears every change in order, signed, with the text for the mail", async () => {
  const hook = await startHook(() => [204]);
  const stampbook = await openWithHook(hook);
  const { client } = stampbook;
  await registerStamp(client, SOUTH, tokenOf("cloud-south"));
  await client.approval("south", "request", "tenants");
  await client.approval("south", "deny", "no contract");
  await until(() => hook.heard.length === 2);
  const [first, second] = hook.heard as [Heard, Heard];
  expect(JSON.parse(first.body)).toMatchObject({
    id: 1,
    kind: "approval",
    action: "request",
    before: "none",
    after: "requested",
    actor: "local",
    reason: "tenants",
    registration: { name: "south", subscription: SOUTH.subscription, cloudId: "cloud-south" },
    mail: { subject: expect.stringContaining("south") as string },
  });
  expect(JSON.parse(second.body)).toMatchObject({ action: "deny", reason: "no contract" });
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first.headers["stampbook-signature"]))!;
  expect(createHmac("sha256", SECRET).update(`${seconds}.${first.body}`).digest("hex")).toBe(signature);
  await until(async () => (await client.notifications()).every(({ state }) => state === "delivered"));
  await stampbook.close();
});

test("a webhook that fails is tried again later, also after a restart; a redirect is not followed", async () => {
  const elsewhere = await startHook(() => [200]);
  const hook = await startHook((n) => (n === 1 ? [500] : n === 2 ? [307, { location: elsewhere.url }] : [200]));
  const folder = temporaryFolder();
  const before = await openWithHook(hook, folder);
  await registerStamp(before.client, SOUTH, tokenOf("cloud-south"));
  await before.client.approval("south", "request");
  const state = async ({ client }: TestStampbook) => (await client.notifications())[0]!;
  await until(async () => (await state(before)).attempts === 1);
  expect(await state(before)).toMatchObject({ state: "waiting", lastError: "it answered 500" });
  expect((await state(before)).nextAttemptAt).toBe("2024-03-05T12:00:30Z");
  await before.close();
  const after = await openStampbook({
    folder,
    now: "2024-03-05T12:00:31Z",
    settings: { approvalWebhookUrl: hook.url },
  });
  await until(async () => (await state(after)).attempts === 2);
  expect(await state(after)).toMatchObject({ state: "waiting", lastError: "it answered 307" });
  expect(elsewhere.heard).toEqual([]);
  await after.close();
  const last = await openStampbook({
    folder,
    now: "2024-03-05T12:02:00Z",
    settings: { approvalWebhookUrl: hook.url },
  });
  await until(async () => (await state(last)).state === "delivered");
  // The same notification each time: its id tells.
  expect(hook.heard.map(({ headers }) => headers["stampbook-notification-id"])).toEqual(["1", "1", "1"]);
  expect(hook.heard[1]!.headers["stampbook-signature"]).toBeUndefined();
  await last.close();
});

test("after enough attempts a notification is given up, and shown as such", async () => {
  const hook = await startHook(() => [503]);
  const stampbook = await openWithHook(hook);
  const { client } = stampbook;
  await registerStamp(client, SOUTH, tokenOf("cloud-south"));
  await client.approval("south", "request");
  for (let attempt = 1; attempt <= LIMITS.notificationAttemptsMax; attempt += 1) {
    await until(async () => (await client.notifications())[0]!.attempts === attempt);
    const { nextAttemptAt } = (await client.notifications())[0]!;
    if (nextAttemptAt === null) break;
    stampbook.clock.set(nextAttemptAt);
    stampbook.stampbook.context.approvals.recorded();
  }
  expect(await client.notifications()).toMatchObject([
    { state: "given-up", attempts: LIMITS.notificationAttemptsMax, lastError: "it answered 503" },
  ]);
  await stampbook.close();
});

test("what cannot be a secret is refused at the start", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "short"), "short");
  for (const file of ["short", "missing"]) {
    const settings = { approvalWebhookUrl: "https://hook.example", approvalWebhookSecretFile: join(folder, file) };
    await expect(openStampbook({ settings })).rejects.toThrow(/approvalWebhookSecretFile/);
  }
});
