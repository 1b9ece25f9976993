import { DEFAULT_ANSWERS } from "./answers.ts";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pino } from "pino";
import { roleNamed } from "../../src/domain/access/roles.ts";
import { ROUTES, type Stampbook } from "../../src/compose.ts";
import { addRoutes, type SignedIn } from "../../src/http/route.ts";
import { createServer } from "../../src/http/server.ts";
import { wire, type WireReply } from "./http.ts";
import { temporaryFolder } from "./temporary.ts";

/** A GUID for a text. */
export const guidFor = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

export interface Ask {
  /** The caller is whoever is named; bodies are JSON. */
  (name: string, method: string, url: string, json?: unknown): Promise<WireReply>;
  /** Gives the one of that name a role. */
  grant(name: string, role: string, scope: string): Promise<void>;
  close(): Promise<void>;
}

/** Every route over real stores and a socket, without tokens: for many questions by many callers. */
export async function askAs({ context }: Stampbook): Promise<Ask> {
  const server = createServer(pino({ level: "silent" }), { answers: DEFAULT_ANSWERS });
  addRoutes(server, ROUTES, context, async (request): Promise<SignedIn> => {
    const name = String(request.headers["x-name"]);
    const who = { name, objectId: guidFor(name), kind: "User", tenant: undefined, issuer: null } as const;
    return { caller: { ...who, address: "127.0.0.1", correlationId: request.id }, untilMs: 0 };
  });
  const socketPath = join(temporaryFolder(), "socket");
  await server.listen({ path: socketPath });
  const call = wire(socketPath);
  const ask = (name: string, method: string, path: string, json?: unknown): Promise<WireReply> =>
    call(method, path, { headers: { "x-name": name }, ...(json === undefined ? {} : { json }) });
  const grant = async (name: string, role: string, scope: string): Promise<void> => {
    const principalId = guidFor(name);
    await context.control.roleAssignments.add({
      id: guidFor(`${name} ${role} ${scope}`),
      scope,
      issuer: null,
      principalId,
      principalType: "User",
      roleDefinitionId: roleNamed(role)!.id,
      createdBy: "test",
      createdAtMs: 0,
    });
  };
  return Object.assign(ask, { grant, close: () => server.close() });
}
