import type { FastifyInstance } from "fastify";

interface Given {
  /** Empty where none was given. */
  readonly publicUrl: string;
  readonly listenAddress: string;
  readonly listenPort: number;
}

/** Where others reach a server: what the setting says, else where it listens, else where it would. */
export function publicUrlOf({ server }: FastifyInstance, { publicUrl, listenAddress, listenPort }: Given): string {
  if (publicUrl !== "") return publicUrl.replace(/\/+$/, "");
  const bound = server.address();
  const [host, port] =
    bound === null || typeof bound === "string" ? [listenAddress, listenPort] : [bound.address, bound.port];
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
