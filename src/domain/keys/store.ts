export type KeyPurpose = "token" | "activation-key" | "page-token";

/** A private key of ours as a JSON Web Key. The newest one of a purpose signs, all of them verify. */
export interface SigningKey {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: string;
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly retiredAtMs: number | null;
}

export interface SigningKeyStore {
  /** Newest first. */
  list(purpose: KeyPurpose): Promise<readonly SigningKey[]>;
  add(key: SigningKey): Promise<void>;
  retire(kid: string, atMs: number): Promise<void>;
}
