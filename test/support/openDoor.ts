import type { AddressInfo } from "node:net";
import { wire } from "./http.ts";
import type { TestStampbook } from "./world.ts";

/** A way to the server that nobody is trusted on: whoever comes has to show a token, as over the network. */
export async function openDoor({
  stampbook: { server },
}: Pick<TestStampbook, "stampbook">): Promise<ReturnType<typeof wire>> {
  await server.listen({ host: "127.0.0.1", port: 0 });
  return wire((server.server.address() as AddressInfo).port);
}
