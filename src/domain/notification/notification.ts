import { LIMITS } from "../limits.ts";

/** Something that another system is to hear; kept until it has been delivered or given up. */
export interface Notification {
  readonly id: number;
  readonly kind: "approval";
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly nextAttemptAtMs: number;
  readonly deliveredAtMs: number | null;
  readonly givenUpAtMs: number | null;
  readonly lastError: string;
}

export const NOTIFICATION_STATES = ["waiting", "delivered", "given-up"] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

export const notificationState = ({
  deliveredAtMs,
  givenUpAtMs,
}: Pick<Notification, "deliveredAtMs" | "givenUpAtMs">): NotificationState => {
  if (deliveredAtMs !== null) return "delivered";
  return givenUpAtMs === null ? "waiting" : "given-up";
};

/** Milliseconds to wait after so many failed attempts; undefined when there have been enough. */
export function delayAfter(attempts: number): number | undefined {
  if (attempts >= LIMITS.notificationAttemptsMax) return undefined;
  return Math.min(LIMITS.notificationDelayMsMin * 2 ** (attempts - 1), LIMITS.notificationDelayMsMax);
}
