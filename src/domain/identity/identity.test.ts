import { describe, expect, test } from "vitest";
import { directoryMatches, mustMatchDirectory } from "../access/directory.ts";
import type { Principal } from "../access/caller.ts";
import { AuthorizationCodes } from "./authorizationCodes.ts";
import { mayRedirect, redirectUriProblem } from "./credential.ts";
import { isOurAudience, isOurIssuer, OwnUrls } from "./signIn.ts";
import { readIssuers } from "./trustedIssuer.ts";

const principal = (own: boolean, tenant: string | undefined): Principal => ({
  name: "n",
  objectId: "o",
  kind: "User",
  tenant,
  issuer: own ? null : "https://login.example",
});

test("tokens of our own directory match every subscription, others only their own", () => {
  expect(directoryMatches(principal(true, "ours"), "theirs")).toBe(true);
  expect(directoryMatches(principal(false, "theirs"), "THEIRS")).toBe(true);
  expect(directoryMatches(principal(false, "theirs"), undefined)).toBe(true);
  expect(directoryMatches(principal(false, "others"), "theirs")).toBe(false);
  expect(directoryMatches(principal(false, undefined), "theirs")).toBe(false);
  expect(() => mustMatchDirectory(principal(false, "others"), "theirs")).toThrow(/'others'.*'theirs'/);
});

describe("redirect URIs", () => {
  test.each([
    ["https://portal.example/back", undefined],
    ["http://localhost/back", undefined],
    ["http://portal.example/back", /https/],
    ["javascript:alert(1)", /https/],
    ["https://a@portal.example/", /user name/],
    ["https://portal.example/#x", /fragment/],
    ["portal", /no URL/],
  ])("%s", (uri, problem) => {
    if (problem === undefined) expect(redirectUriProblem(uri)).toBeUndefined();
    else expect(redirectUriProblem(uri)).toMatch(problem);
  });

  test("must be exactly as registered, but for the port on this machine", () => {
    const registered = ["https://portal.example/back", "http://localhost"];
    expect(mayRedirect(registered, "https://portal.example/back")).toBe(true);
    expect(mayRedirect(registered, "http://localhost:4711/")).toBe(true);
    for (const uri of [
      "https://portal.example/back/",
      "https://portal.example/back?x=1",
      "https://portal.example.evil/back",
      "http://localhost:4711/elsewhere",
      "http://127.0.0.1:4711/",
      "https://localhost:4711/",
      "http://localhost.evil/",
    ]) {
      expect(mayRedirect(registered, uri), uri).toBe(false);
    }
  });
});

test("an authorization code is good once, and for a short while", () => {
  const codes = new AuthorizationCodes({ countMax: 2, lifeMs: 100 });
  const grant = {
    clientId: "c",
    redirectUri: "r",
    codeChallenge: "p",
    userClientId: "u",
    audience: "a",
    openId: false,
    nonce: undefined,
  };
  codes.keep("one", grant, 0);
  expect(codes.take("one", 99)?.userClientId).toBe("u");
  expect(codes.take("one", 99)).toBeUndefined();
  codes.keep("old", grant, 0);
  expect(codes.take("old", 100)).toBeUndefined();
  for (const code of ["a", "b", "c"]) codes.keep(code, grant, 0);
  expect(codes.take("a", 1)).toBeUndefined();
  expect(codes.take("c", 1)).toBeDefined();
});

test("a Host header does not make us speak of another server", () => {
  const urls = new OwnUrls();
  urls.set(["https://127.0.0.1:30080", "https://localhost:30080"]);
  expect(urls.of("LOCALHOST:30080")).toBe("https://localhost:30080");
  expect(urls.of("evil.example")).toBe("https://127.0.0.1:30080");
  const signIn = { urls, audiences: ["api://stampbook"], directory: "d" };
  for (const audience of [
    "https://localhost:30080",
    "https://127.0.0.1:30080/",
    "https://management.azure.com/",
    "https://management.core.windows.net//",
    "api://stampbook",
  ]) {
    expect(isOurAudience(signIn, audience), audience).toBe(true);
  }
  expect(isOurAudience(signIn, "https://graph.microsoft.com")).toBe(false);
  expect(isOurIssuer(signIn, "https://localhost:30080/adfs")).toBe(true);
  expect(isOurIssuer(signIn, "https://evil.example/adfs")).toBe(false);
});

describe("the setting oidcIssuers", () => {
  const good = { issuer: "https://login.example/v2.0", audiences: ["api://x"] };
  test("is a JSON list", () => {
    expect(readIssuers("")).toEqual([]);
    expect(readIssuers(JSON.stringify([{ ...good, tenant: "ABC" }]))).toEqual([
      { ...good, tenant: "abc", discoveryUrl: "https://login.example/v2.0/.well-known/openid-configuration" },
    ]);
  });
  test.each([
    ["{", /not JSON/],
    ["{}", /list/],
    ["[{}]", /'issuer'/],
    [JSON.stringify([{ issuer: good.issuer }]), /'audiences'/],
    [JSON.stringify([{ ...good, audiences: [] }]), /'audiences'/],
    [JSON.stringify([{ ...good, tenant: 1 }]), /'tenant'/],
    [JSON.stringify([{ ...good, issuer: "http://login.example" }]), /https/],
    [JSON.stringify([{ ...good, discoveryUrl: "ftp://x" }]), /https/],
    [JSON.stringify([good, good]), /twice/],
    [JSON.stringify(Array.from({ length: 17 }, (_, i) => ({ ...good, issuer: `https://x${i}` }))), /more than/],
  ])("refuses %s", (text, reason) => {
    expect(readIssuers(text)).toMatch(reason);
  });
});
