import type { ControlStore } from "../domain/controlStore.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Clock } from "../lib/instant.ts";
import { type Deliver, deliverDue } from "../operations/notifications/deliver.ts";

export interface Delivery {
  /** Looks at once whether something is due. */
  wake(): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** Delivers in the background what waits, also what an earlier process left. One delivery at a time. */
export function startDelivery(
  stores: { readonly control: ControlStore; readonly clock: Clock },
  deliver: Deliver,
  failed: (error: unknown) => void,
): Delivery {
  let closed = false;
  let again = false;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    do {
      again = false;
      const done = await deliverDue(stores, deliver, () => closed);
      again ||= done === LIMITS.notificationsDueMax;
    } while (again && !closed);
  };
  const wake = (): void => {
    if (closed) return;
    again = true;
    running ??= run()
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(wake, LIMITS.notificationPauseMs).unref();
  wake();
  return {
    wake,
    async close() {
      closed = true;
      clearInterval(timer);
      await running;
    },
  };
}
