import type { Notification } from "./notification.ts";

export interface NotificationStore {
  /** Waits from then on; in the transaction of what it tells. */
  add(notification: Pick<Notification, "kind" | "payload" | "createdAtMs">): Promise<void>;
  /** Those whose turn has come, in the order in which they came. */
  due(nowMs: number, limit: number): Promise<readonly Notification[]>;
  update(notification: Notification): Promise<void>;
  /** Newest first. */
  list(limit: number): Promise<readonly Notification[]>;
  /** Forgets all but the newest so many of those that are delivered or given up. */
  forgetOld(keep: number): Promise<void>;
}
