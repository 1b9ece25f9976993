import { digest } from "../../lib/digest.ts";
import type { RegistrationId } from "../ids.ts";
import type { UsageRecord } from "./record.ts";

/** Which record it is, and what it says. Both are hex digits. */
export interface Identity {
  /** 128 bits over everything that makes a record the same record (design rule 3). Kept for ever. */
  readonly key: string;
  /** 64 bits over the rest, compared only between records of one key. */
  readonly content: string;
}

/** Equal for every spelling of one record: meter-id case, URI case, `1.0` and `1`, `Z` and `+00:00`. */
export function identityOf(registration: RegistrationId, record: UsageRecord): Identity {
  const { window, resource } = record;
  const key = `${registration}\n${record.localSubscription}\n${record.meter}\n${record.usageStartMs}\n${record.usageEndMs}\n${window.startMs}\n${window.endMs}\n${resource.uriFolded}`;
  const content = `${record.quantity}\n${resource.location}\n${resource.tags}\n${resource.additionalInfo}`;
  return { key: digest(key, 128), content: digest(content, 64) };
}
