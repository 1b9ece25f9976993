import type { ControlStore } from "../../domain/controlStore.ts";
import { delayAfter, type Notification } from "../../domain/notification/notification.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Clock } from "../../lib/instant.ts";

/** Hands one notification over; says in a few words what went wrong, or nothing. */
export type Deliver = (notification: Notification) => Promise<string | undefined>;

/**
 * Delivers what is due, one after the other, and keeps what came of it. Whoever hears it may hear it twice, when this
 * process ends between the delivery and the note of it; the notification's id tells.
 */
export async function deliverDue(
  { control, clock }: { readonly control: ControlStore; readonly clock: Clock },
  deliver: Deliver,
  stopped: () => boolean = () => false,
): Promise<number> {
  const due = await control.notifications.due(clock.now(), LIMITS.notificationsDueMax);
  for (const notification of due) {
    if (stopped()) break;
    const trouble = await deliver(notification);
    await control.notifications.update(afterAttempt(notification, trouble, clock.now()));
  }
  if (due.length > 0) await control.notifications.forgetOld(LIMITS.notificationsKeptMax);
  return due.length;
}

function afterAttempt(notification: Notification, trouble: string | undefined, nowMs: number): Notification {
  const attempts = notification.attempts + 1;
  if (trouble === undefined) return { ...notification, attempts, deliveredAtMs: nowMs };
  const delayMs = delayAfter(attempts);
  return delayMs === undefined
    ? { ...notification, attempts, givenUpAtMs: nowMs, lastError: trouble }
    : { ...notification, attempts, nextAttemptAtMs: nowMs + delayMs, lastError: trouble };
}
