import {
  createCipheriv,
  createDecipheriv,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "../../domain/faults/fault.ts";
import { syncFolder } from "../durable.ts";
import { type OwnKeys, type PublicKeys, publicKey, xOf } from "./keys.ts";

/**
 * A bundle, docs/internals/bundles.md: a line that names the format, a line of JSON (the head), a line with the Ed25519
 * signature of both, and the parts. Each part is encrypted by AES-256-GCM; their key is derived by HKDF-SHA-256 from X25519
 * between a key made for this bundle alone and the recipient's. The head names the digest of each part, so the signature
 * holds for all of them.
 */
export interface BundleHead {
  readonly stamp: string;
  /** Counts the bundles of a stamp from 1, without a gap. */
  readonly number: number;
  /** What the bundle brings, as a digest, and what the one before it did; that is empty for the first. */
  readonly content: string;
  readonly after: string;
  readonly createdAt: string;
  /** Public keys as text. */
  readonly sender: string;
  readonly recipient: string;
  readonly ephemeral: string;
  readonly parts: readonly { readonly bytes: number; readonly sha256: string }[];
}

const MAGIC = "STAMPBOOK BUNDLE 1";
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const HEAD_BYTES_MAX = 16 * 1_048_576;

function keyFor(own: KeyObject, other: KeyObject, ephemeral: string, recipient: string): Buffer {
  const secret = diffieHellman({ privateKey: own, publicKey: other });
  return Buffer.from(hkdfSync("sha256", secret, `${ephemeral}.${recipient}`, MAGIC, KEY_BYTES));
}

/** The key is used for one bundle only, so counting nonces never repeat. */
function nonceOf(part: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(part, 8);
  return nonce;
}

function encrypt(key: Buffer, part: number, plain: Buffer): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(part), { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, part: number, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonceOf(part), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
}

export type NewBundle = Pick<BundleHead, "stamp" | "number" | "content" | "after" | "createdAt"> & {
  readonly parts: readonly (() => Promise<Buffer>)[];
};

/** Writes a bundle; durable, and whole, when it returns. One part at a time is in memory. */
export async function writeBundle(file: string, bundle: NewBundle, own: OwnKeys, recipient: PublicKeys): Promise<void> {
  const { parts: sources, ...facts } = bundle;
  const pair = generateKeyPairSync("x25519");
  const ephemeral = xOf(pair.publicKey);
  const key = keyFor(pair.privateKey, recipient.agreeing, ephemeral, recipient.text);
  const [bodyFile, whole] = [`${file}.body.part`, `${file}.part`];
  const parts: { bytes: number; sha256: string }[] = [];
  const body = await open(bodyFile, "w+", 0o600);
  const target = await open(whole, "w", 0o600);
  try {
    for (const [i, source] of sources.entries()) {
      const sealed = encrypt(key, i, await source());
      parts.push({ bytes: sealed.length, sha256: hash("sha256", sealed, "hex") });
      await body.writeFile(sealed);
    }
    const head: BundleHead = { ...facts, sender: own.public.text, recipient: recipient.text, ephemeral, parts };
    const signed = `${MAGIC}\n${JSON.stringify(head)}\n`;
    await target.writeFile(`${signed}${sign(null, Buffer.from(signed), own.signing).toString("base64url")}\n`);
    let at = 0;
    for (const { bytes } of parts) {
      await target.writeFile(await readAt(body, at, bytes));
      at += bytes;
    }
    await target.sync();
    await rename(whole, file);
    await syncFolder(dirname(file));
  } finally {
    await Promise.all([body.close(), target.close()]);
    await rm(bodyFile, { force: true });
    await rm(whole, { force: true });
  }
}

async function readAt(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await file.read(buffer, read, bytes - read, at + read);
    if (bytesRead === 0) return buffer.subarray(0, read);
    read += bytesRead;
  }
  return buffer;
}

export interface ReadBundle {
  readonly head: BundleHead;
  /** A part as it was before it was encrypted. */
  part(number: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Opens a bundle. When it returns, its signature was checked against the sender that is trusted, and every byte of every part
 * against the signature; nothing of it was believed before.
 * @param senderOf the keys that are trusted for the sender a head names, if any
 * @throws Fault BundleInvalid, BundleSenderUnknown, FileUnreadable
 */
export async function openBundle(
  file: string,
  own: OwnKeys,
  senderOf: (head: BundleHead) => Promise<PublicKeys | undefined>,
): Promise<ReadBundle> {
  const invalid = (reason: string): Fault => new Fault("BundleInvalid", { file, reason });
  const handle = await open(file, "r").catch((error: unknown) => {
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  });
  try {
    const start = (await readAt(handle, 0, HEAD_BYTES_MAX)).toString("latin1");
    const [magic, headLine, signature] = start.split("\n", 3);
    if (magic !== MAGIC || headLine === undefined || signature === undefined) throw invalid("it is no bundle");
    const signed = `${magic}\n${headLine}\n`;
    const head = headIn(headLine, invalid);
    const sender = await senderOf(head);
    if (sender === undefined) throw new Fault("BundleSenderUnknown", { file, sender: head.sender });
    if (!verify(null, Buffer.from(signed, "latin1"), sender.verifying, Buffer.from(signature, "base64url"))) {
      throw invalid("its signature is not the sender's, or something was changed");
    }
    if (head.recipient !== own.public.text) throw invalid("it was made for somebody else's key");
    const bodyAt = signed.length + signature.length + 1;
    await checkParts(handle, bodyAt, head, invalid);
    const key = keyFor(own.agreeing, publicKey("X25519", head.ephemeral), head.ephemeral, head.recipient);
    return {
      head,
      part: async (number) => {
        const at = head.parts.slice(0, number).reduce((sum, { bytes }) => sum + bytes, bodyAt);
        return decrypt(key, number, await readAt(handle, at, head.parts[number]!.bytes));
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function headIn(line: string, invalid: (reason: string) => Fault): BundleHead {
  try {
    const head = JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as BundleHead;
    if (Array.isArray(head.parts) && typeof head.sender === "string") return head;
  } catch {
    // Said below.
  }
  throw invalid("its head cannot be read");
}

async function checkParts(
  file: FileHandle,
  bodyAt: number,
  head: BundleHead,
  invalid: (reason: string) => Fault,
): Promise<void> {
  let at = bodyAt;
  for (const { bytes, sha256 } of head.parts) {
    const part = await readAt(file, at, bytes);
    if (part.length < bytes) throw invalid("it was cut off");
    if (hash("sha256", part, "hex") !== sha256) throw invalid("a part of it was changed");
    at += bytes;
  }
  if ((await file.stat()).size !== at) throw invalid("it has something behind its end");
}

/** Signs facts as a line of text. */
export const signText = (text: string, own: OwnKeys): string =>
  sign(null, Buffer.from(text), own.signing).toString("base64url");

export const isSignedBy = (text: string, signature: string, { verifying }: PublicKeys): boolean =>
  verify(null, Buffer.from(text), verifying, Buffer.from(signature, "base64url"));
