import { readFileSync, statSync, writeFileSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { LIMITS } from "../domain/limits.ts";
import { DAY_MS } from "../lib/instant.ts";
import { ownTls, privateTls } from "./certificates.ts";
import { ownNames, ownUrls } from "./ownNames.ts";

// Goal: the certificate is right for its names, and made anew when it has to be. Method: real files and a moved clock.

const START_MS = Date.parse("2026-01-01T00:00:00Z");
const NAMES = ["127.0.0.1", "::1", "localhost", "host.example"];

const make = (folder: string, { names = NAMES, days = 0 }: { names?: string[]; days?: number } = {}) =>
  privateTls(folder, { names, hostName: "host.example", clock: { now: () => START_MS + days * DAY_MS } });

const leafOf = ({ cert }: { cert: string }): X509Certificate => new X509Certificate(cert);

test("the leaf is of the authority, for every name, for the server only, and short-lived", async () => {
  const folder = join(temporaryFolder(), "tls");
  const made = await make(folder);
  const [leaf, authority] = [leafOf(made), new X509Certificate(readFileSync(made.authorityFile!))];
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(authority.ca).toBe(true);
  expect(leaf.checkIP("127.0.0.1")).toBeDefined();
  expect(leaf.checkIP("::1")).toBeDefined();
  expect(leaf.checkHost("host.example")).toBeDefined();
  expect(leaf.checkHost("evil.example")).toBeUndefined();
  expect(leaf.validToDate.getTime() - leaf.validFromDate.getTime()).toBeLessThanOrEqual(
    LIMITS.certificateDaysMax * DAY_MS,
  );
  for (const file of ["ca.key", "server.key"]) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
});

test("it stays while it is good, and is renewed near its end or for another name, by the same authority", async () => {
  const folder = temporaryFolder();
  const made = await make(folder);
  expect((await make(folder, { days: 300 })).cert).toBe(made.cert);
  const renewed = await make(folder, { days: 368 });
  expect(leafOf(renewed).serialNumber).not.toBe(leafOf(made).serialNumber);
  const named = await make(folder, { days: 368, names: [...NAMES, "10.0.0.1"] });
  expect(leafOf(named).checkIP("10.0.0.1")).toBeDefined();
  const authority = new X509Certificate(readFileSync(made.authorityFile!));
  for (const leaf of [renewed, named]) expect(leafOf(leaf).verify(authority.publicKey)).toBe(true);
});

test("an authority that ends is replaced, and the leaf with it", async () => {
  const folder = temporaryFolder();
  const made = await make(folder);
  const before = readFileSync(made.authorityFile!, "utf8");
  const later = await make(folder, { days: LIMITS.authorityDaysMax - 20 });
  const after = new X509Certificate(readFileSync(later.authorityFile!));
  expect(after.toString()).not.toBe(before);
  expect(leafOf(later).verify(after.publicKey)).toBe(true);
});

test("a certificate of one's own needs its key", async () => {
  const [one, two] = [await make(join(temporaryFolder(), "a")), await make(join(temporaryFolder(), "b"))];
  const folder = temporaryFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [cert, key, foreign] = [file("c", one.cert), file("k", one.key), file("f", two.key)];
  expect(ownTls(cert, key)).toMatchObject({ cert: one.cert, authorityFile: undefined });
  expect(() => ownTls(cert, "")).toThrow(/tlsKeyFile|tlsCertificateFile/);
  expect(() => ownTls(cert, foreign)).toThrow(/another certificate/);
  expect(() => ownTls(file("x", "no certificate"), key)).toThrow(/tlsCertificateFile/);
  expect(() => ownTls(join(folder, "none"), key)).toThrow(/cannot be read/);
});

test("names and URLs: what was set comes first, and a wildcard is no name", () => {
  const some = { listenAddress: "127.0.0.1", publicUrl: "" };
  expect(ownNames(some).slice(0, 3)).toEqual(["127.0.0.1", "::1", "localhost"]);
  expect(ownUrls(some, "https", 30_080).slice(0, 2)).toEqual(["https://127.0.0.1:30080", "https://[::1]:30080"]);
  expect(ownNames({ ...some, listenAddress: "0.0.0.0" })).not.toContain("0.0.0.0");
  const shown = { listenAddress: "::", publicUrl: "https://stampbook.example" };
  expect(ownUrls(shown, "http", 80)[0]).toBe("https://stampbook.example");
  expect(ownNames(shown)[0]).toBe("stampbook.example");
});
