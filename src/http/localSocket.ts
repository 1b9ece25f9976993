import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { trustSocket } from "./identify.ts";
import { answerUnreadable, OWN_REFUSALS } from "./server.ts";

export interface LocalSocket {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Gives a server a second door: a socket in a folder that only this user can enter. It is not in the data folder,
 * whose path may be longer than a socket's may be.
 */
export async function openLocalSocket(server: FastifyInstance): Promise<LocalSocket> {
  await server.ready();
  const folder = mkdtempSync(join(tmpdir(), "stampbook-"));
  const path = join(folder, "socket");
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const door = createServer(OWN_REFUSALS, (request, response) => server.routing(request, response));
  // As the first door has them: with Node's own five seconds a connection would be closed under a client that was busy
  // for a moment between two requests, and with its five minutes for a request a long batch would be broken off.
  const { keepAliveTimeout, requestTimeout } = server.server;
  Object.assign(door, { keepAliveTimeout, requestTimeout });
  door.on("connection", trustSocket);
  door.on("clientError", answerUnreadable(server.faultAnswers));
  door.on("checkExpectation", (request, response) => server.routing(request, response));
  await new Promise<void>((resolve, reject) => {
    door.once("error", reject);
    door.listen(path, resolve);
  });
  return {
    path,
    close: async () => {
      const closed = new Promise((resolve) => door.close(resolve));
      door.closeIdleConnections();
      await closed;
      removeFolder();
      process.off("exit", removeFolder);
    },
  };
}
