import { randomBytes, randomUUID, scrypt, timingSafeEqual } from "node:crypto";

/** Memory for one hash is 128 × N × r bytes, so 32 MiB; about 60 ms of one core. */
const COST = { N: 32_768, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Room for the cost of hashes that a later version may have made. */
const MEMORY_BYTES_MAX = 256 * 1_048_576;

export const newId = (): string => randomUUID();

/** 256 random bits in letters, digits, `-` and `_`; never `-` first, which command lines like `az login -p` take for an option. */
export const newSecret = (): string => randomBytes(32).toString("base64url").replace(/^-/, "_");

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

const derive = (secret: string, salt: Buffer, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(secret.normalize("NFC"), salt, KEY_BYTES, { ...cost, maxmem: MEMORY_BYTES_MAX }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

/** `scrypt$N$r$p$salt$key`, the last two in base64url: what is needed to check a secret, and no way back to it. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(secret, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

const HASH = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]+)\$([\w-]+)$/;

/** A hash that nothing fits: whoever names nobody waits as long as whoever names somebody. */
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Takes the same time for every secret of a length, also where there is no hash to compare with. */
export async function isSecret(secret: string, hash: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = "", key = ""] = HASH.exec(hash ?? NOBODY) ?? [];
  if (N === undefined || r === undefined || p === undefined) return false;
  const cost = { N: Number.parseInt(N, 10), r: Number.parseInt(r, 10), p: Number.parseInt(p, 10) };
  const derived = await derive(secret, Buffer.from(salt, "base64url"), cost);
  const wanted = Buffer.from(key, "base64url");
  return wanted.length === KEY_BYTES && timingSafeEqual(derived, wanted) && hash !== undefined;
}

/** By chance, from 0 up to 1. */
export const randomFraction = (): number => randomBytes(4).readUInt32BE() / 0x1_0000_0000;
