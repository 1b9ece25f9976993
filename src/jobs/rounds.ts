export interface Rounds {
  readonly pauseMs: number;
  /** Whether the first round is due at once, and not only after a pause. */
  readonly isAtOnce?: boolean;
  /** @param stopped whether it is to end as soon as it can */
  readonly round: (stopped: () => boolean) => Promise<unknown>;
  /** Told of a round that failed; the next one tries again. */
  readonly failed: (error: unknown) => void;
}

/**
 * Does something in the background, now and then, one round at a time.
 * @returns ends it, and waits for what is under way
 */
export function startRounds({ pauseMs, isAtOnce = false, round, failed }: Rounds): () => Promise<void> {
  let closing = false;
  let running: Promise<unknown> | undefined;
  const wake = (): void => {
    running ??= round(() => closing)
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(wake, pauseMs).unref();
  if (isAtOnce) wake();
  return async () => {
    closing = true;
    clearInterval(timer);
    await running;
  };
}
