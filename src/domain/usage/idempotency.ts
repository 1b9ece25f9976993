import { Fault } from "../faults/fault.ts";
import type { RegistrationId } from "../ids.ts";
import { LIMITS } from "../limits.ts";

/** An answer as it went out. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly contentLanguage: string;
  readonly body: Uint8Array;
}

/** What is kept of a request that named a key, so that it can be sent again and gets the same answer. */
export interface IdempotentAnswer {
  readonly registration: RegistrationId;
  readonly key: string;
  /** Object id of who sent it. */
  readonly caller: string;
  /** Digest of the body as it was decompressed, and of all else that decides what it means. */
  readonly fingerprint: string;
  readonly createdAtMs: number;
  readonly answer: KeptAnswer;
}

export interface IdempotentAnswerStore {
  find(registration: RegistrationId, key: string): Promise<IdempotentAnswer | undefined>;
  /** Registrations for which a caller has used a key since an instant. */
  registrationsOf(caller: string, key: string, sinceMs: number): Promise<readonly RegistrationId[]>;
  /** Replaces what was kept for the key; drops what is older than an instant, and the oldest of a registration past a number. */
  put(kept: IdempotentAnswer, bounds: { readonly sinceMs: number; readonly perRegistrationMax: number }): Promise<void>;
}

/** In quotes, as a text of HTTP's structured fields; a quotation mark or a backslash in it has a backslash before it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** Many senders leave the quotes away. */
const BARE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The key of an Idempotency-Key header.
 * @throws Fault IdempotencyKeyInvalid
 */
export function parseIdempotencyKey(header: string): string {
  const quoted = QUOTED.exec(header.trim());
  const key = quoted === null ? header.trim() : quoted[1]!.replaceAll(/\\(.)/g, "$1");
  const isKey = (quoted !== null || BARE.test(key)) && key.length > 0 && key.length <= LIMITS.idempotencyKeyCharsMax;
  if (!isKey) {
    throw new Fault("IdempotencyKeyInvalid", { key: header, charsMax: LIMITS.idempotencyKeyCharsMax });
  }
  return key;
}
