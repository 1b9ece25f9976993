import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for a partner's own subscription service that is having a bad day with one subscription. */
export interface TroubledUpstream {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers 503 for one subscription and 404 for all others, on this machine only. */
export async function startTroubledUpstream(troubled: string): Promise<TroubledUpstream> {
  const server = createServer((request, response) => {
    response.writeHead(request.url?.endsWith(`/${troubled}`) ? 503 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
