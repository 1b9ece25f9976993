import { request } from "node:http";

export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed where there is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

export interface WireCall {
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends exactly what it is told, and shows everything that comes back.
 * @param at path of a local socket, or a port of this machine
 */
export function wire(at: string | number) {
  const target = typeof at === "string" ? { socketPath: at } : { host: "127.0.0.1", port: at };
  return (method: string, path: string, { json, body, headers = {} }: WireCall = {}): Promise<WireReply> =>
    new Promise((resolve, reject) => {
      const text = json === undefined ? body : JSON.stringify(json);
      const type = json === undefined ? {} : { "content-type": "application/json" };
      const call = request({ ...target, method, path, headers: { host: "stampbook.test", ...type, ...headers } });
      call.once("error", reject);
      call.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const received = Buffer.concat(chunks).toString("utf8");
          const isJson = /\/(.*\+)?json/.test(response.headers["content-type"] ?? "");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: received,
            body: isJson && received !== "" ? JSON.parse(received) : undefined,
          });
        });
      });
      call.end(text);
    });
}
