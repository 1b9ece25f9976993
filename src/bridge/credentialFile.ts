import { readFileSync, statSync } from "node:fs";
import { Fault } from "../domain/faults/fault.ts";

export interface Credential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Group and others. */
const OTHERS = 0o077;
/** systemd's credentials: in a folder of the service alone, and with an access list, which shows as the group's. */
const SECRET_STORE = /^\/run\/credentials\//;
const OTHERS_IN_STORE = 0o007;

/**
 * Reads a credential that only the owner of its file may read. Nothing of it is ever in what is thrown.
 * @throws Fault FileUnreadable, CredentialFileExposed, BridgeConfigInvalid
 */
export function readCredential(file: string): Credential {
  const text = readPrivate(file);
  let read: Partial<Record<keyof Credential | "secret", unknown>> | null;
  try {
    read = JSON.parse(text) as typeof read;
  } catch {
    read = null;
  }
  // `secret` is what `stampbook credentials create --json` calls it: what it prints is such a file.
  const { clientId, secret, clientSecret = secret } = read ?? {};
  if (typeof clientId === "string" && typeof clientSecret === "string" && clientId !== "" && clientSecret !== "") {
    return { clientId, clientSecret };
  }
  const reason = 'it must be JSON like { "clientId": "…", "clientSecret": "…" }';
  throw new Fault("BridgeConfigInvalid", { file, setting: "clientId, clientSecret", reason });
}

/** The text of a file that nobody but its owner may read. @throws Fault FileUnreadable, CredentialFileExposed */
export function readPrivate(file: string): string {
  try {
    const mode = statSync(file).mode & 0o777;
    const others = SECRET_STORE.test(file) ? OTHERS_IN_STORE : OTHERS;
    if ((mode & others) !== 0)
      throw new Fault("CredentialFileExposed", { file, mode: mode.toString(8).padStart(4, "0") });
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  }
}
