import { isOurAudience, type SignIn } from "../../domain/identity/signIn.ts";
import { OAuthError } from "./oauth.ts";

const OPEN_ID_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);

export interface Wanted {
  readonly audience: string;
  readonly openId: boolean;
  /** As it was asked for; told again in the answer. */
  readonly scope: string;
}

/**
 * For whom a token is wanted: `resource` as ADFS has it, or `scope` as Entra has it, an audience with `/.default` or
 * another permission behind it; the server itself when neither says so.
 * @param base URL of this server
 * @throws OAuthError invalid_scope
 */
export function wantedAudience(signIn: SignIn, base: string, form: Readonly<Record<string, string>>): Wanted {
  const scopes = (form["scope"] ?? "").split(" ").filter((scope) => scope !== "");
  const permissions = scopes.filter((scope) => !OPEN_ID_SCOPES.has(scope));
  const named = new Set(
    form["resource"]
      ? [form["resource"]]
      : permissions.map((scope) => scope.slice(0, Math.max(0, scope.lastIndexOf("/")))),
  );
  if (named.size > 1) throw new OAuthError("invalid_scope", "One token is for one audience; ask for each on its own.");
  const [audience = base] = named;
  if (!isOurAudience(signIn, audience)) {
    throw new OAuthError("invalid_scope", `No tokens are issued here for the audience '${audience.slice(0, 200)}'.`);
  }
  return { audience, openId: scopes.includes("openid"), scope: scopes.join(" ") || `${audience}/.default` };
}
