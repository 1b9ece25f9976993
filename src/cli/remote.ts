import { readFileSync } from "node:fs";
import { tokensFor } from "../client/signIn.ts";
import type { RemoteEndpoint } from "../client/transport.ts";
import { Fault } from "../domain/faults/fault.ts";
import { isSafeUrl } from "../domain/identity/trustedIssuer.ts";
import { environment } from "../settings.ts";

/**
 * How to reach a server by its URL, with the token or the credential of the environment.
 * @throws Fault SettingInvalid, FileUnreadable
 */
export function remoteEndpoint(url: string, env = environment()): RemoteEndpoint {
  const caFile = env["STAMPBOOK_CA_FILE"] ?? "";
  const endpoint: RemoteEndpoint = { url, ...(caFile === "" ? {} : { ca: readAuthority(caFile) }) };
  const token = env["STAMPBOOK_TOKEN"] ?? "";
  const clientId = env["STAMPBOOK_CLIENT_ID"] ?? "";
  const secret = env["STAMPBOOK_CLIENT_SECRET"] ?? "";
  if (token === "" && clientId === "" && secret === "") return endpoint;
  if (!isSafeUrl(url)) {
    const reason = "tokens and secrets are sent by https only, or to this machine";
    throw new Fault("SettingInvalid", { setting: "server", value: url, reason });
  }
  if (token !== "") return { ...endpoint, token: async () => token };
  if (clientId === "" || secret === "") {
    const setting = clientId === "" ? "STAMPBOOK_CLIENT_ID" : "STAMPBOOK_CLIENT_SECRET";
    const reason = "the client id and the secret are needed together";
    throw new Fault("SettingInvalid", { setting, value: "", reason });
  }
  return { ...endpoint, token: tokensFor(endpoint, { clientId, secret }) };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  }
}
