import { hostname } from "node:os";
import { isIP } from "node:net";

const WILDCARDS = new Set(["0.0.0.0", "::"]);

export interface Listening {
  readonly listenAddress: string;
  /** Empty when nobody set it. */
  readonly publicUrl: string;
}

const bracketed = (name: string): string => (isIP(name) === 6 ? `[${name}]` : name);

/** A name that a certificate can hold. */
const DNS_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export const ownHostName = (): string => {
  const name = hostname().toLowerCase();
  return DNS_NAME.test(name) ? name : "localhost";
};

/** Names and addresses under which the server is reached: what its certificate is for. The first one is told to others. */
export function ownNames({ listenAddress, publicUrl }: Listening): readonly string[] {
  const address = listenAddress.toLowerCase();
  const first = WILDCARDS.has(address) ? ownHostName() : address;
  const shown = publicUrl === "" ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")];
  return [...new Set([...shown, first, "127.0.0.1", "::1", "localhost", ownHostName()])];
}

/** The same as URLs, without a slash at the end. */
export function ownUrls(listening: Listening, scheme: "http" | "https", port: number): readonly [string, ...string[]] {
  const { publicUrl } = listening;
  const urls = ownNames({ ...listening, publicUrl: "" }).map(
    (name) => new URL(`${scheme}://${bracketed(name)}:${port}`).origin,
  );
  const all = [...new Set(publicUrl === "" ? urls : [publicUrl.toLowerCase(), ...urls])];
  return all as unknown as readonly [string, ...string[]];
}
