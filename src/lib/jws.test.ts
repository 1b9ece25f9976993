import { createPublicKey, createVerify } from "node:crypto";
import { expect, test } from "vitest";
import { isSignedBy, newRs256Key, publicJwk, readJws, signRs256 } from "./jws.ts";

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a compact JWS has the header of contract/registration.md §4.3 and verifies with the platform's own RSA", async () => {
  const { kid, privateJwk } = await newRs256Key();
  expect(kid).toMatch(/^[0-9a-f]{32}$/);
  const text = await signRs256('{"b":1,"a":2}', kid, privateJwk);
  const [header = "", payload = "", signature = ""] = text.split(".");
  expect(Buffer.from(header, "base64url").toString()).toBe(`{"kid":"${kid}","alg":"RS256"}`);
  expect(Buffer.from(payload, "base64url").toString()).toBe('{"b":1,"a":2}');
  const shared = publicJwk(kid, privateJwk);
  expect(Object.keys(shared)).toEqual(["kid", "kty", "alg", "use", "n", "e"]);
  const key = createPublicKey({ key: shared, format: "jwk" });
  const verify = createVerify("RSA-SHA256").update(`${header}.${payload}`);
  expect(verify.verify(key, Buffer.from(signature, "base64url"))).toBe(true);
  expect(await isSignedBy(text, shared)).toBe(true);

  const other = await newRs256Key();
  expect(await isSignedBy(text, publicJwk(kid, other.privateJwk))).toBe(false);
  expect(await isSignedBy(`${header}.${base64url({ b: 1, a: 3 })}.${signature}`, shared)).toBe(false);
  expect(await isSignedBy(text, { kid, kty: "nonsense" })).toBe(false);
});

test.each([
  ["", /three parts/],
  ["a.b", /three parts/],
  ["a.b.c.d", /three parts/],
  ["a b.c.d", /Base64url/],
  [`${base64url("x")}.b.c`, /RS256/],
  [`${base64url(null)}.b.c`, /RS256/],
  [`${base64url({ alg: "none", kid: "k" })}.b.c`, /RS256/],
  [`${base64url({ alg: "HS256", kid: "k" })}.b.c`, /RS256/],
  [`${base64url({ alg: "RS256" })}.b.c`, /names no key/],
  ["YQ.b.c", /no JSON/],
])("'%s' is no such JWS", (text, reason) => {
  expect(readJws(text)).toEqual({ reason: expect.stringMatching(reason) as unknown });
});
