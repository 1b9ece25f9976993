import type { Caller } from "../domain/access/caller.ts";
import type { Resolver } from "../domain/catalogue/resolver.ts";
import type { ControlStore } from "../domain/controlStore.ts";
import type { PriceSheet } from "../domain/rating/priceSheet.ts";
import type { UsageStore } from "../domain/usage/store.ts";
import type { Clock } from "../lib/instant.ts";
import type { KeyedMutex } from "../lib/mutex.ts";
import type { RecentVersions } from "./usage/recentVersions.ts";

/** What operations work with; compose.ts builds it once. */
export interface Context {
  readonly control: ControlStore;
  readonly usage: UsageStore;
  readonly resolver: Resolver;
  readonly priceSheet: PriceSheet;
  readonly clock: Clock;
  /** Serialises what must not run twice at once, by name. */
  readonly locks: KeyedMutex;
  readonly recentUsage: RecentVersions;
  /** Where others reach this server, without a slash at the end; known once it listens. */
  readonly publicUrl: () => string;
}

export type { Caller };

/** The part of an audit record that says who, when and from where. */
export const auditedBy = ({ name, objectId, address, correlationId }: Caller, atMs: number) => ({
  atMs,
  actor: name,
  actorId: objectId,
  address,
  correlationId,
});
