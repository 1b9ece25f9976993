import type { Credential } from "./credential.ts";

export interface CredentialStore {
  /** Also those that were revoked; oldest first. */
  list(): Promise<readonly Credential[]>;
  /** Client ids compare without case. */
  find(clientId: string): Promise<Credential | undefined>;
  findByObjectId(objectId: string): Promise<Credential | undefined>;
  /** False when the client id is taken, also by one that was revoked. */
  add(credential: Credential): Promise<boolean>;
  revoke(clientId: string, atMs: number): Promise<void>;
}

/** The identity directory of the built-in issuer: there is one, and it keeps its id for ever. */
export interface DirectoryStore {
  /** The id that is kept; the given one when there is none yet. */
  ensure(id: string, atMs: number): Promise<string>;
}
