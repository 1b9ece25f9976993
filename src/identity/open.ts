import type { ControlStores } from "../domain/controlStore.ts";
import { Attempts } from "../domain/identity/attempts.ts";
import { AuthorizationCodes } from "../domain/identity/authorizationCodes.ts";
import { FailureRecords } from "../domain/identity/failureRecords.ts";
import { OwnUrls, type SignIn } from "../domain/identity/signIn.ts";
import { readIssuers } from "../domain/identity/trustedIssuer.ts";
import { LIMITS } from "../domain/limits.ts";
import { Gate } from "../lib/gate.ts";
import type { Clock } from "../lib/instant.ts";
import { newId } from "../lib/secret.ts";
import { join } from "node:path";
import { ownTls, privateTls, type TlsMaterial } from "./certificates.ts";
import { type Listening, ownHostName, ownNames } from "./ownNames.ts";

export interface SignInSettings {
  readonly builtInIssuer: boolean;
  readonly passwordGrant: boolean;
  /** Commas between. */
  readonly audiences: string;
  /** JSON, as `readIssuers` takes it. */
  readonly oidcIssuers: string;
}

/** What signing in needs to know and to remember; the directory gets its id at the first start. */
export async function openSignIn(
  { builtInIssuer, passwordGrant, audiences, oidcIssuers }: SignInSettings,
  { directories }: Pick<ControlStores, "directories">,
  clock: Clock,
): Promise<SignIn> {
  const issuers = readIssuers(oidcIssuers);
  return {
    urls: new OwnUrls(),
    directory: await directories.ensure(newId(), clock.now()),
    builtIn: builtInIssuer,
    passwordGrant,
    audiences: audiences.split(",").filter((audience) => audience !== ""),
    issuers: typeof issuers === "string" ? [] : issuers,
    attempts: new Attempts({
      failuresMax: LIMITS.signInFailuresMax,
      lockMs: LIMITS.signInLockMsMax,
      requestsPerMinuteMax: LIMITS.tokenRequestsPerMinuteMax,
      trackedMax: LIMITS.signInTrackedMax,
    }),
    failures: new FailureRecords(LIMITS.signInFailuresAuditedPerHour, clock.now()),
    codes: new AuthorizationCodes({
      countMax: LIMITS.authorizationCodesMax,
      lifeMs: LIMITS.authorizationCodeMsMax,
    }),
    secretChecks: new Gate(LIMITS.secretChecksMax),
  };
}

export interface TlsSettings extends Listening {
  readonly plainHttp: boolean;
  readonly tlsCertificateFile: string;
  readonly tlsKeyFile: string;
}

/** The certificate that the settings ask for; undefined for plain HTTP. @throws Fault SettingInvalid, FileUnreadable */
export async function tlsOf(settings: TlsSettings, dataFolder: string, clock: Clock): Promise<TlsMaterial | undefined> {
  const { plainHttp, tlsCertificateFile, tlsKeyFile } = settings;
  if (plainHttp) return undefined;
  if (tlsCertificateFile !== "" || tlsKeyFile !== "") return ownTls(tlsCertificateFile, tlsKeyFile);
  return await privateTls(join(dataFolder, "tls"), { names: ownNames(settings), hostName: ownHostName(), clock });
}
