import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from "node:crypto";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { type Clock, DAY_MS, dateOf, type InstantMs, MINUTE_MS } from "../lib/instant.ts";

export interface TlsMaterial {
  /** The certificate with its chain, as PEM. */
  readonly cert: string;
  readonly key: string;
  /** Certificate of the private authority that clients have to trust; undefined with a certificate of one's own. */
  readonly authorityFile: string | undefined;
}

const KEY = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Clocks of clients may be behind. */
const BACKDATED_MS = 60 * MINUTE_MS;

/** Loads the library when it is needed: commands that do not listen start without it. */
async function loadX509() {
  installReflectMetadata();
  return await import("@peculiar/x509");
}

/**
 * The library's container for its algorithms wants three functions of a proposal that no engine has. It looks for
 * metadata that our code does not write, so these few lines are enough.
 */
function installReflectMetadata(): void {
  const reflect = Reflect as unknown as Record<string, unknown>;
  if (typeof reflect["getMetadata"] === "function") return;
  const kept = new WeakMap<object, Map<unknown, unknown>>();
  reflect["defineMetadata"] = (name: unknown, value: unknown, target: object): void => {
    kept.set(target, (kept.get(target) ?? new Map<unknown, unknown>()).set(name, value));
  };
  reflect["getOwnMetadata"] = (name: unknown, target: object): unknown => kept.get(target)?.get(name);
  reflect["getMetadata"] = (name: unknown, target: object | null): unknown => {
    for (let holder = target; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
      if (kept.get(holder)?.has(name) === true) return kept.get(holder)?.get(name);
    }
    return undefined;
  };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Written beside and then renamed: whoever reads it meanwhile sees the old one or the new one. */
function writeSecretly(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}

function readPair(certFile: string, keyFile: string): Pair | undefined {
  if (!existsSync(certFile) || !existsSync(keyFile)) return undefined;
  return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
}

const serialNumber = (): string => `01${randomBytes(15).toString("hex")}`;

const toPem = (key: Buffer): string =>
  createPrivateKey({ key, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" }).toString();

const exportKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  toPem(Buffer.from(await crypto.subtle.exportKey("pkcs8", key)));

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  return await crypto.subtle.importKey("pkcs8", Uint8Array.from(der), KEY, false, ["sign"]);
}

async function makeAuthority(hostName: string, nowMs: InstantMs): Promise<Pair> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ O: ["Stampbook"] }, { CN: [`Stampbook private authority of ${hostName}`] }],
    notBefore: dateOf(nowMs - BACKDATED_MS),
    notAfter: dateOf(nowMs + LIMITS.authorityDaysMax * DAY_MS),
    signingAlgorithm: KEY,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
}

async function makeLeaf(authority: Pair, names: readonly string[], nowMs: InstantMs): Promise<Pair> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const notAfterMs = Math.min(nowMs + LIMITS.certificateDaysMax * DAY_MS - BACKDATED_MS, issuer.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [names[0]!.slice(0, 64)] }],
    issuer: issuer.subject,
    notBefore: dateOf(nowMs - BACKDATED_MS),
    notAfter: dateOf(notAfterMs),
    signingAlgorithm: KEY,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ("dns" as const) : ("ip" as const), value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
}

const endMs = (certificate: X509Certificate): InstantMs => certificate.validToDate.getTime();

/** Whether a certificate is of this authority, has these names and lives long enough yet. */
function serves(leaf: Pair, authority: Pair, names: readonly string[], nowMs: InstantMs): boolean {
  const certificate = new X509Certificate(leaf.cert);
  const hasName = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
  return (
    certificate.verify(new X509Certificate(authority.cert).publicKey) &&
    endMs(certificate) - nowMs > LIMITS.certificateRenewDaysMin * DAY_MS &&
    names.every(hasName)
  );
}

/**
 * A certificate for the names, from a private authority that lives in the folder; made where they are missing, and
 * renewed when they end soon or the names have changed. The private keys can be read by their owner only.
 */
export async function privateTls(
  folder: string,
  { names, hostName, clock }: { readonly names: readonly string[]; readonly hostName: string; readonly clock: Clock },
): Promise<TlsMaterial> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const nowMs = clock.now();
  const [authorityFile, authorityKeyFile] = [join(folder, "ca.crt"), join(folder, "ca.key")];
  let authority = readPair(authorityFile, authorityKeyFile);
  const leastMs = LIMITS.certificateRenewDaysMin * DAY_MS;
  if (authority === undefined || endMs(new X509Certificate(authority.cert)) - nowMs <= leastMs) {
    authority = await makeAuthority(hostName, nowMs);
    writeSecretly(authorityKeyFile, authority.key);
    writeSecretly(authorityFile, authority.cert);
  }
  const [leafFile, leafKeyFile] = [join(folder, "server.crt"), join(folder, "server.key")];
  let leaf = readPair(leafFile, leafKeyFile);
  if (leaf === undefined || !serves(leaf, authority, names, nowMs)) {
    leaf = await makeLeaf(authority, names, nowMs);
    writeSecretly(leafKeyFile, leaf.key);
    writeSecretly(leafFile, leaf.cert);
  }
  return { cert: leaf.cert + authority.cert, key: leaf.key, authorityFile };
}

/** A certificate of one's own. @throws Fault SettingInvalid, FileUnreadable */
export function ownTls(certificateFile: string, keyFile: string): TlsMaterial {
  if (certificateFile === "" || keyFile === "") {
    const [setting, other] =
      certificateFile === "" ? ["tlsCertificateFile", "tlsKeyFile"] : ["tlsKeyFile", "tlsCertificateFile"];
    throw new Fault("SettingInvalid", { setting, value: "", reason: `it is needed together with ${other}` });
  }
  const [cert, key] = [readPem(certificateFile), readPem(keyFile)];
  try {
    const fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    if (fits) return { cert, key, authorityFile: undefined };
  } catch (error) {
    const { message: reason } = error as Error;
    throw new Fault(
      "SettingInvalid",
      { setting: "tlsCertificateFile", value: certificateFile, reason },
      { cause: error },
    );
  }
  throw new Fault("SettingInvalid", { setting: "tlsKeyFile", value: keyFile, reason: "it is of another certificate" });
}

function readPem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  }
}
