import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { compose } from "./compose.ts";
import { Fault } from "./domain/faults/fault.ts";
import type { Settings } from "./settings.ts";

/** Opens the stores, listens, tells where, and closes everything in order when it is asked to stop. */
export async function serve(settings: Settings, listening: (url: string) => void): Promise<void> {
  const stampbook = await compose(settings);
  try {
    await stampbook.server.listen({ host: settings.listenAddress, port: settings.listenPort });
  } catch (error) {
    await stampbook.close();
    const value = `${settings.listenAddress}:${settings.listenPort}`;
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EADDRINUSE" ? "another program listens there" : `it cannot be listened on (${code})`;
    throw new Fault("SettingInvalid", { setting: "listenAddress and listenPort", value, reason }, { cause: error });
  }
  const { address, family, port } = stampbook.server.server.address() as AddressInfo;
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  writeFileSync(stampbook.folder.serverFile, JSON.stringify({ url, socketPath: await stampbook.listenLocally() }));
  listening(url);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await stampbook.close();
}
