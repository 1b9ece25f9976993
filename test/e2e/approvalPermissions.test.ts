import { pino } from "pino";
import { expect, test } from "vitest";
import type { Caller } from "../../src/domain/access/caller.ts";
import { ROLES } from "../../src/domain/access/roles.ts";
import { registrationResourceId } from "../../src/domain/registration/registration.ts";
import type { SubscriptionId } from "../../src/domain/ids.ts";
import { faultAnswers } from "../../src/http/errorBody.ts";
import { addRoutes } from "../../src/http/route.ts";
import { createServer } from "../../src/http/server.ts";
import { V1_ROUTES } from "../../src/v1/routes.ts";
import { ids, NORTH, openStampbook, registerNorth, tokenOf } from "../support/world.ts";

// Goal: who may ask may not decide, and nobody sees approvals of what is not theirs. Method: the real routes and stores;
// the caller is whoever the header names.

const principal = (name: string): Caller => ({
  name,
  objectId: `90000000-0000-4000-8000-${Buffer.from(name).toString("hex").slice(0, 12).padStart(12, "0")}`,
  kind: "User",
  tenant: undefined,
  issuer: null,
  address: "127.0.0.1",
  correlationId: "",
});

test("asking and deciding are two permissions, on the registration", async () => {
  const stampbook = await openStampbook();
  await registerNorth(stampbook);
  await stampbook.client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  const { context } = stampbook.stampbook;
  const scope = (name: string) =>
    registrationResourceId({ ...NORTH, subscription: ids.registration as SubscriptionId, name });
  const roles = [
    ["operator", "Contributor", scope("south")],
    ["approver", "Partner Approver", scope("south")],
    ["reader", "Reader", scope("south")],
    ["stranger", "Owner", scope("north")],
  ] as const;
  for (const [i, [name, role, at]] of roles.entries()) {
    const { objectId } = principal(name);
    await context.control.roleAssignments.add({
      id: `a0000000-0000-4000-8000-00000000000${i}`,
      scope: at,
      principalId: objectId,
      issuer: null,
      principalType: "User",
      roleDefinitionId: ROLES.find((so) => so.name === role)!.id,
      createdBy: "test",
      createdAtMs: 0,
    });
  }
  const server = createServer(pino({ level: "silent" }), { answers: faultAnswers(new Map(), () => "") });
  addRoutes(server, V1_ROUTES, context, async (request) => ({
    caller: principal(String(request.headers["x-name"])),
    untilMs: 0,
  }));
  const act = async (name: string, action: string): Promise<number> => {
    const url = `/v1/registrations/south/approval/${action}`;
    const reply = await server.inject({ method: "POST", url, headers: { "x-name": name }, payload: { reason: "r" } });
    return reply.statusCode;
  };
  const decisions = ["approve", "deny", "revoke"];
  for (const name of ["reader", "stranger"]) {
    for (const action of ["request", ...decisions]) expect(await act(name, action), `${name} ${action}`).toBe(403);
  }
  expect(await act("operator", "request")).toBe(200);
  for (const action of decisions) expect(await act("operator", action), action).toBe(403);
  expect(await act("approver", "approve")).toBe(200);
  expect(await act("approver", "revoke")).toBe(200);
  const seen = async (name: string) => {
    const reply = await server.inject({ method: "GET", url: "/v1/approvals", headers: { "x-name": name } });
    return reply.json<{ value: { name: string }[] }>().value.map((so) => so.name);
  };
  expect([await seen("operator"), await seen("reader"), await seen("stranger"), await seen("nobody")]).toEqual([
    ["south"],
    ["south"],
    ["north"],
    [],
  ]);
  // The route that took the action in its body is gone: it could not tell asking from deciding.
  const old = await server.inject({ method: "POST", url: "/v1/registrations/south/approval", payload: {} });
  expect(old.statusCode).toBe(405);
  await server.close();
  await stampbook.close();
});
