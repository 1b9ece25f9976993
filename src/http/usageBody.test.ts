import { type ClientRequest, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { giveUpWhenIdle } from "./usageBody.ts";

// Goal: a sender that stops sending loses its connection; one that waits for a slow server gets its answer.
// Method: a bare server with an idle time of a moment, which reads a body as it is told to.

const IDLE_MS_MAX = 100;
const SLOW_MS = 5 * IDLE_MS_MAX;
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A request to a server that does something and then tells how many bytes of the body it has read. */
async function sent(work: () => Promise<unknown>, readFirst: boolean): Promise<ClientRequest> {
  server = createServer((message, response) => {
    giveUpWhenIdle(message, response, IDLE_MS_MAX);
    const read = async (): Promise<number> => {
      let bytes = 0;
      for await (const chunk of message as AsyncIterable<Buffer>) bytes += chunk.length;
      return bytes;
    };
    void (async () => {
      if (!readFirst) await work();
      const bytes = await read();
      if (readFirst) await work();
      response.end(String(bytes));
    })().catch(() => message.destroy());
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return request({ port, host: "127.0.0.1", method: "POST" });
}

const answerTo = (sender: ClientRequest): Promise<string> =>
  new Promise((resolve, reject) => {
    sender.once("error", reject);
    sender.once("response", (response) => {
      response.setEncoding("utf8").once("data", resolve);
    });
  });

test("all was sent, and the server takes long over it", async () => {
  const sender = await sent(() => sleep(SLOW_MS), true);
  sender.end("x".repeat(1_000));
  expect(await answerTo(sender)).toBe("1000");
});

test("more was sent than the server has taken in yet", async () => {
  const sender = await sent(() => sleep(SLOW_MS), false);
  sender.end("x".repeat(16 * 1_048_576));
  expect(await answerTo(sender)).toBe(String(16 * 1_048_576));
});

test("the sender has stopped", async () => {
  const sender = await sent(async () => undefined, true);
  sender.write("x");
  await expect(answerTo(sender)).rejects.toThrow(/socket hang up|ECONNRESET/);
});
