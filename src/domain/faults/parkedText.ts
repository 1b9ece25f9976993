/** Why usage waits, and what to do about it, for whoever resolves it. */
export interface ParkedText {
  readonly meaning: string;
  /** Steps, with what the usage is of as `{registration}`, `{localSubscription}` and `{meter}`. */
  readonly remedy: readonly string[];
}
