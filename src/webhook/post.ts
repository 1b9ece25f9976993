import { createHmac } from "node:crypto";
import type { Notification } from "../domain/notification/notification.ts";
import { LIMITS } from "../domain/limits.ts";
import { type Clock, formatInstant } from "../lib/instant.ts";
import type { Deliver } from "../operations/notifications/deliver.ts";

export interface WebhookOptions {
  readonly url: string;
  /** Signs what is sent; nothing is signed without it. */
  readonly secret: string | undefined;
  readonly clock: Clock;
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA-256 of `SECONDS.BODY`, so that an old request cannot be sent again unnoticed. */
export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;

/**
 * Posts notifications to one URL and to no other: redirects are not followed. Any 2xx counts as heard; what else is
 * answered is not read.
 */
export function postTo({ url, secret, clock }: WebhookOptions): Deliver {
  return async (notification) => {
    const body = JSON.stringify(bodyOf(notification));
    const seconds = Math.floor(clock.now() / 1_000);
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "stampbook-notification-id": String(notification.id),
    };
    if (secret !== undefined) headers["stampbook-signature"] = signatureOf(secret, seconds, body);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers,
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(LIMITS.notificationTimeoutMsMax),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `it answered ${response.status}`;
    } catch (error) {
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      return timedOut ? `it did not answer within ${LIMITS.notificationTimeoutMsMax} ms` : "it cannot be reached";
    }
  };
}

const bodyOf = ({ id, kind, payload, createdAtMs }: Notification) => ({
  id,
  kind,
  createdAt: formatInstant(createdAtMs),
  ...payload,
});
