/** Something of a payer that waits until the payer is rated. */
export interface SpooledText {
  readonly payer: string;
  /** Whether there is usage in it: only whoever has some is told among the payers. */
  readonly isUsed: boolean;
  /** What all usage in it has in common; "" where that is several things, null where nothing in it was added up. */
  readonly common: string | null;
  readonly text: string;
}

/** Texts of a payer in the order in which they were put in. */
export interface PayerTexts {
  readonly payer: string;
  readonly texts: readonly string[];
}

/**
 * Texts of very many payers, put in in any order and taken out payer by payer. They are on disk, and gone when the spool is
 * closed. Nothing here waits: it may be called inside a transaction.
 */
export interface PayerSpool {
  /** @throws Fault ControlStoreUnavailable where the disk does not take them, as of all others */
  add(texts: readonly SpooledText[]): void;
  /** Keeps what was looked up for a payer beside its texts. */
  addFound(payer: string, text: string): void;
  /** Everybody who has usage, in order. */
  payers(): Generator<PayerTexts>;
  /** Of those the ones whose texts have not one thing in common. */
  payersOfSeveral(): readonly string[];
  /** Undefined where there is nothing of the payer. */
  payer(payer: string): PayerTexts | undefined;
  hasUsage(payer: string): boolean;
  found(payer: string): string | undefined;
  close(): void;
}

/** Opens a spool with nothing in it. */
export type OpenPayerSpool = () => PayerSpool;
