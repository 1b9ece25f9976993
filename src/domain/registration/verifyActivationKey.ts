import { isSignedBy, type JsonWebKey, readJws } from "../../lib/jws.ts";
import { Fault } from "../faults/fault.ts";

/**
 * Checks that one of the keys signed an activation key and gives what it says. Its members are no JWT claims, so none
 * is judged (contract/registration.md §4.3).
 * @throws Fault ActivationKeyUnreadable, ActivationKeyUnknown, ActivationKeySignatureWrong
 */
export async function verifyActivationKey(
  text: string,
  keys: readonly JsonWebKey[],
): Promise<{ readonly kid: string; readonly payload: unknown }> {
  const read = readJws(text);
  if ("reason" in read) throw new Fault("ActivationKeyUnreadable", { reason: read.reason });
  const { kid } = read;
  const key = keys.find((so) => so["kid"] === kid);
  if (key === undefined) throw new Fault("ActivationKeyUnknown", { kid, count: keys.length });
  if (!(await isSignedBy(text, key))) throw new Fault("ActivationKeySignatureWrong", { kid });
  try {
    return { kid, payload: JSON.parse(read.payload) };
  } catch {
    throw new Fault("ActivationKeyUnreadable", { reason: "its payload is no JSON" });
  }
}
