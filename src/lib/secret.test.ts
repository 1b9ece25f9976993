import { expect, test } from "vitest";
import { hashSecret, isSecret, newSecret } from "./secret.ts";

// Goal: a secret can be checked by its hash and by nothing less. Method: the real function with the real cost.

test("the secret fits its hash, and nothing else does", async () => {
  const secret = newSecret();
  const hash = await hashSecret(secret);
  expect(await isSecret(secret, hash)).toBe(true);
  for (const other of ["", secret.slice(0, -1), `${secret} `, secret.toLowerCase(), newSecret()]) {
    expect(await isSecret(other, hash)).toBe(false);
  }
});

test("a hash holds its parameters, a salt of its own, and not the secret", async () => {
  const [one, two] = [await hashSecret("same"), await hashSecret("same")];
  expect(one).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(one).not.toContain("same");
});

test("a hash that an earlier cost made still verifies; a broken or missing one never does", async () => {
  const cheap = "scrypt$16$8$1$c2FsdHNhbHRzYWx0c2FsdA$";
  const { scryptSync } = await import("node:crypto");
  const key = scryptSync("old", Buffer.from("c2FsdHNhbHRzYWx0c2FsdA", "base64url"), 32, { N: 16, r: 8, p: 1 });
  expect(await isSecret("old", cheap + key.toString("base64url"))).toBe(true);
  expect(await isSecret("old", `${cheap}AAAA`)).toBe(false);
  for (const hash of [undefined, "", "old", "scrypt$$$$$"]) expect(await isSecret("old", hash)).toBe(false);
});

test("secrets are 256 random bits", () => {
  expect(newSecret()).toMatch(/^[\w-]{43}$/);
  expect(newSecret()).not.toBe(newSecret());
  // One of 64 would begin with a hyphen otherwise.
  for (let i = 0; i < 1_000; i++) expect(newSecret()).toMatch(/^\w/);
});
