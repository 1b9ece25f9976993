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
  const closing = new AbortController();
  let again = false;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    do {
      again = false;
      const done = await deliverDue(stores, deliver, () => closing.signal.aborted);
      again ||= done === LIMITS.notificationsDueMax;
    } while (again && !closing.signal.aborted);
  };
  const wake = (): void => {
    if (closing.signal.aborted) return;
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
      closing.abort();
      clearInterval(timer);
      await running;
    },
  };
}
