import { writeFileSync } from "node:fs";
import { Server as TlsServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { compose, type Stampbook } from "./compose.ts";
import { Fault } from "./domain/faults/fault.ts";
import { ownUrls } from "./identity/ownNames.ts";
import { tlsOf } from "./identity/open.ts";
import { readExportTarget } from "./exportTarget/read.ts";
import { startArchiving } from "./jobs/archiving.ts";
import { startExporting } from "./jobs/exporting.ts";
import { DAY_MS, systemClock } from "./lib/instant.ts";
import { type CreatedCredential, createFirstCredential } from "./operations/credentials/first.ts";
import type { Settings } from "./settings.ts";

export type { CreatedCredential };

/** What `serve` tells once it listens. */
export interface Listening {
  readonly url: string;
  /** Certificate of the private authority that clients have to trust. */
  readonly authorityFile: string | undefined;
  readonly plainHttp: boolean;
  /** Made at the first start only; its secret is nowhere else. */
  readonly firstCredential: CreatedCredential | undefined;
}

/** Opens the stores, listens, tells where, and closes everything in order when it is asked to stop. */
export async function serve(settings: Settings, listening: (so: Listening) => void): Promise<void> {
  const target = readExportTarget(settings.exportTargetFile);
  const stampbook = await compose(settings, { listens: true });
  const renewal = setInterval(() => void renewCertificate(stampbook, settings), DAY_MS).unref();
  const { context, folder, server, tls } = stampbook;
  const stopArchiving = startArchiving(context, {
    archived: ({ month, file, entries }) => server.log.info({ month, file, entries }, "usage of a month was archived"),
    failed: (error) => server.log.error({ err: error }, "archiving usage failed; it is tried again"),
  });
  const stopExporting = target && startExporting(context, target, server.log);
  try {
    const url = await listen(stampbook, settings);
    const authorityFile = tls?.authorityFile;
    const socketPath = await stampbook.listenLocally();
    const about = { url, socketPath, authorityFile, directory: context.signIn.directory };
    writeFileSync(folder.serverFile, JSON.stringify(about));
    const firstCredential = settings.builtInIssuer ? await createFirstCredential(context) : undefined;
    listening({ url, authorityFile, plainHttp: settings.plainHttp, firstCredential });
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
  } finally {
    clearInterval(renewal);
    await stopArchiving();
    await stopExporting?.();
    await stampbook.close();
  }
}

async function listen({ server, tls, context }: Stampbook, settings: Settings): Promise<string> {
  try {
    await server.listen({ host: settings.listenAddress, port: settings.listenPort });
  } catch (error) {
    const value = `${settings.listenAddress}:${settings.listenPort}`;
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EADDRINUSE" ? "another program listens there" : `it cannot be listened on (${code})`;
    throw new Fault("SettingInvalid", { setting: "listenAddress and listenPort", value, reason }, { cause: error });
  }
  const { port } = server.server.address() as AddressInfo;
  const urls = ownUrls(settings, tls === undefined ? "http" : "https", port);
  context.signIn.urls.set(urls);
  return urls[0];
}

/** A server may run for longer than its certificate lives. */
async function renewCertificate({ server, folder }: Stampbook, settings: Settings): Promise<void> {
  try {
    const renewed = await tlsOf(settings, folder.path, systemClock);
    const listener: unknown = server.server;
    if (renewed !== undefined && listener instanceof TlsServer) listener.setSecureContext(renewed);
  } catch (error) {
    server.log.error({ err: error }, "the certificate could not be renewed");
  }
}
