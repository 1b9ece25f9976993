import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from "jose";
import { LRUCache } from "lru-cache";
import type { Principal } from "../domain/access/caller.ts";
import { wrongDirectory } from "../domain/access/directory.ts";
import { Fault, isFault } from "../domain/faults/fault.ts";
import { isGuid } from "../domain/ids.ts";
import { isOurAudience, isOurIssuer } from "../domain/identity/signIn.ts";
import type { TrustedIssuer } from "../domain/identity/trustedIssuer.ts";
import { LIMITS } from "../domain/limits.ts";
import type { CheckedToken, TokenCheck } from "../http/identify.ts";
import { sha256 } from "../lib/digest.ts";
import { dateOf, formatInstant, type InstantMs, SECOND_MS } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { TOKEN_ALGORITHM, verificationKey, verifyingKeys } from "./keys.ts";
import { TrustedKeys } from "./trustedKeys.ts";

/** Asymmetric ones only: with a shared secret, whoever knows the public key could sign; `none` is no signature. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

/** Of our access tokens (RFC 9068), so that an id token is never taken for one. */
export const ACCESS_TOKEN_TYPE = "at+jwt";

type CheckContext = Pick<Context, "control" | "clock" | "signIn">;

const invalid = (reason: string): Fault => new Fault("InvalidAuthenticationToken", { reason });

/** What is told about a token that did not pass; never the token itself. */
function refusalOf(error: unknown, nowMs: InstantMs): unknown {
  if (isFault(error)) return error;
  if (error instanceof errors.JWTExpired) {
    const expiredAt = formatInstant((error.payload.exp ?? 0) * SECOND_MS);
    return new Fault("ExpiredAuthenticationToken", { expiredAt, now: formatInstant(nowMs) });
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalid(error.claim === "nbf" ? "it is not valid yet" : `its '${error.claim}' is not as it should be`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid("its signature is wrong");
  if (error instanceof errors.JWKSNoMatchingKey) return invalid("it is signed with an unknown key");
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid("it is signed with an algorithm that is not taken");
  if (error instanceof errors.JOSEError) return invalid("it cannot be read as a signed token");
  return error;
}

const audiencesOf = ({ aud }: JWTPayload): readonly string[] => (typeof aud === "string" ? [aud] : (aud ?? []));

function mustBeFor(payload: JWTPayload, accepts: (audience: string) => boolean): void {
  const audiences = audiencesOf(payload);
  if (audiences.some(accepts)) return;
  throw new Fault("InvalidAuthenticationTokenAudience", { audience: audiences.join(", ") || "nobody" });
}

const textOf = (payload: JWTPayload, ...names: readonly string[]): string | undefined => {
  const value = names.map((name) => payload[name]).find((claim) => typeof claim === "string" && claim !== "");
  return value as string | undefined;
};

/** @throws Fault, or what jose throws */
async function checkOwn(context: CheckContext, token: string, options: JWTVerifyOptions): Promise<Checked> {
  const keys = await verifyingKeys(context);
  const { payload } = await jwtVerify(
    token,
    async ({ kid }) => {
      const key = keys.find((candidate) => candidate.kid === kid);
      if (key === undefined) throw new errors.JWKSNoMatchingKey();
      return await verificationKey(key);
    },
    { ...options, algorithms: [TOKEN_ALGORITHM], typ: ACCESS_TOKEN_TYPE },
  );
  mustBeFor(payload, (audience) => isOurAudience(context.signIn, audience));
  const credential = await context.control.credentials.findByObjectId(textOf(payload, "oid") ?? "");
  if (credential === undefined || credential.revokedAtMs !== null) throw invalid("its credential was revoked");
  const { clientId, objectId, kind } = credential;
  const principal: Principal = {
    name: clientId,
    objectId,
    issuer: null,
    kind: kind === "User" ? "User" : "Application",
    tenant: context.signIn.directory,
  };
  return { principal, payload };
}

interface Checked {
  readonly principal: Principal;
  readonly payload: JWTPayload;
}

/** Subjects are unique within their issuer only, and some can be chosen. */
const objectIdOf = (issuer: string, subject: string): string =>
  sha256(`${issuer}\n${subject}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

async function checkTrusted(
  { control }: CheckContext,
  trusted: { readonly issuer: TrustedIssuer; readonly keys: TrustedKeys },
  token: string,
  options: JWTVerifyOptions,
): Promise<Checked> {
  const { issuer, audiences, tenant: wanted } = trusted.issuer;
  const { payload } = await jwtVerify(token, trusted.keys.find, { ...options, issuer, algorithms: ALGORITHMS });
  mustBeFor(payload, (audience) => audiences.includes(audience));
  const tenant = textOf(payload, "tid")?.toLowerCase();
  if (wanted !== undefined && tenant !== wanted) throw wrongDirectory(tenant, wanted);
  const subject = textOf(payload, "sub", "oid");
  if (subject === undefined) throw invalid("it says nothing about whom it is for");
  const oid = textOf(payload, "oid")?.toLowerCase() ?? "";
  const objectId = isGuid(oid) ? oid : objectIdOf(issuer, subject);
  // Nobody outside may call himself one of ours.
  if ((await control.credentials.findByObjectId(objectId)) !== undefined) throw invalid("its 'oid' is one of ours");
  const user = textOf(payload, "upn", "unique_name", "preferred_username", "email");
  const application = textOf(payload, "appid", "azp", "client_id");
  const isApplication = payload["idtyp"] === "app" || (user === undefined && application !== undefined);
  const name = (isApplication ? application : user) ?? subject;
  return {
    principal: { name, objectId, issuer, kind: isApplication ? "Application" : "User", tenant },
    payload,
  };
}

/** What a token says of itself; only good for choosing with what to check it. */
function readUnchecked(token: string): { readonly alg: string; readonly iss: string } {
  try {
    const { alg } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    return { alg: String(alg), iss: String(iss) };
  } catch {
    throw invalid("it cannot be read as a signed token");
  }
}

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;

/** The token of an Authorization header. */
function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization === "") {
    throw new Fault("AuthenticationFailed", { reason: "The 'Authorization' header is missing." });
  }
  if (authorization.length > LIMITS.bearerTokenCharsMax) throw invalid("it is too long");
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw invalid("the header is not 'Bearer' and a signed token");
  return token;
}

/**
 * Checks bearer tokens of the built-in issuer and of the trusted ones.
 * Faults: AuthenticationFailed, InvalidAuthenticationToken, ExpiredAuthenticationToken,
 * InvalidAuthenticationTokenAudience, InvalidAuthenticationTokenTenant, IssuerUnavailable
 * (contract/registration.md §7.2).
 */
export function checkTokens(context: CheckContext): TokenCheck {
  const { clock, signIn } = context;
  const trusted = new Map(
    signIn.issuers.map((issuer) => [issuer.issuer, { issuer, keys: new TrustedKeys(issuer, clock) }]),
  );
  const remembered = new LRUCache<string, CheckedToken>({ max: LIMITS.verifiedTokensMax });

  const check = async (token: string, nowMs: InstantMs): Promise<Checked> => {
    const options: JWTVerifyOptions = {
      currentDate: dateOf(nowMs),
      clockTolerance: LIMITS.tokenClockSkewMsMax / SECOND_MS,
      requiredClaims: ["exp"],
    };
    const { alg, iss } = readUnchecked(token);
    if (!ALGORITHMS.includes(alg)) throw new errors.JOSEAlgNotAllowed();
    const outside = trusted.get(iss);
    if (outside !== undefined) return await checkTrusted(context, outside, token, options);
    if (signIn.builtIn && isOurIssuer(signIn, iss)) return await checkOwn(context, token, { ...options, issuer: iss });
    throw invalid("its issuer is not trusted here");
  };

  return async (authorization) => {
    const token = bearerToken(authorization);
    const nowMs = clock.now();
    const key = sha256(token);
    const known = remembered.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known;
    try {
      const { principal, payload } = await check(token, nowMs);
      const expiresAtMs = (payload.exp ?? 0) * SECOND_MS + LIMITS.tokenClockSkewMsMax;
      const checked = { principal, untilMs: Math.min(expiresAtMs, nowMs + LIMITS.verifiedTokenMsMax) };
      remembered.set(key, checked);
      return checked;
    } catch (error) {
      remembered.delete(key);
      throw refusalOf(error, nowMs);
    }
  };
}
