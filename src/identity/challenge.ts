import type { Fault } from "../domain/faults/fault.ts";
import type { SignIn } from "../domain/identity/signIn.ts";
import type { Challenge } from "../http/server.ts";

/** What may stand between quotes in a header. */
const quotable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "'");

const tenantOf = ({ code, info }: Fault, { directory }: SignIn): string => {
  const tenant = code === "InvalidAuthenticationTokenTenant" ? info?.["tenant"] : undefined;
  return typeof tenant === "string" ? tenant : directory;
};

/** Where to sign in, in the form that Azure's SDKs read (contract/registration.md §7.2). */
export const challengeOf =
  (signIn: SignIn): Challenge =>
  (fault, request) => {
    const authority = `${signIn.urls.of(request.host)}/${tenantOf(fault, signIn)}`;
    return `Bearer authorization_uri="${quotable(authority)}", error="invalid_token", error_description="${quotable(fault.message)}"`;
  };
