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
}

/** Who calls. */
export interface Caller {
  readonly name: string;
}
