import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "../../domain/faults/fault.ts";
import { readPrivate } from "../credentialFile.ts";
import { replaceFile } from "../durable.ts";

/** What everybody may know of one side: a key that checks its signatures, and one to agree on secrets with it. */
export interface PublicKeys {
  /** `stampbook-1.` and both keys in base64url; it fits on a line. */
  readonly text: string;
  readonly verifying: KeyObject;
  readonly agreeing: KeyObject;
}

/** Both pairs of one side: Ed25519 signs, X25519 agrees. */
export interface OwnKeys {
  readonly signing: KeyObject;
  readonly agreeing: KeyObject;
  readonly public: PublicKeys;
}

const PREFIX = "stampbook-1";

export const publicKey = (curve: "Ed25519" | "X25519", x: string): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: curve, x }, format: "jwk" });

export const xOf = (key: KeyObject): string => String(key.export({ format: "jwk" }).x);

/** Undefined where the text is no such keys. */
export function readPublicKeys(text: string): PublicKeys | undefined {
  const [prefix, ed = "", agree = "", ...more] = text.trim().split(".");
  if (prefix !== PREFIX || more.length > 0) return undefined;
  try {
    return { text: text.trim(), verifying: publicKey("Ed25519", ed), agreeing: publicKey("X25519", agree) };
  } catch {
    return undefined;
  }
}

/**
 * The keys in a file that only its owner may read; they are made where there are none.
 * @throws Fault CredentialFileExposed, FileUnreadable
 */
export async function ownKeys(file: string): Promise<OwnKeys> {
  if (!existsSync(file)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const [signing, agreeing] = [generateKeyPairSync("ed25519"), generateKeyPairSync("x25519")].map(({ privateKey }) =>
      privateKey.export({ format: "jwk" }),
    );
    await replaceFile(file, `${JSON.stringify({ signing, agreeing })}\n`);
  }
  const text = readPrivate(file);
  try {
    const { signing, agreeing } = JSON.parse(text) as Record<"signing" | "agreeing", JsonWebKey>;
    const keys = {
      signing: createPrivateKey({ key: signing, format: "jwk" }),
      agreeing: createPrivateKey({ key: agreeing, format: "jwk" }),
    };
    const publicText = [PREFIX, xOf(createPublicKey(keys.signing)), xOf(createPublicKey(keys.agreeing))].join(".");
    return { ...keys, public: readPublicKeys(publicText)! };
  } catch {
    // What the parser says could show a part of the key.
    throw new Fault("FileUnreadable", { file, reason: "it does not hold keys of Stampbook" });
  }
}
