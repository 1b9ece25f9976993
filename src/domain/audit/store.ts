/** Who did what, when, and how it ended: written in the same transaction as the change itself. */
export interface AuditRecord {
  readonly atMs: number;
  readonly actor: string;
  /** Object id of the actor. */
  readonly actorId: string;
  /** Where the call came from. */
  readonly address: string;
  readonly correlationId: string;
  readonly action: string;
  /** What it was done to, for example a resource id. */
  readonly target: string;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A record in its place in the chain (domain/audit/chain.ts). */
export interface AuditEntry extends AuditRecord {
  /** Counts from 1, without gaps. */
  readonly number: number;
  /** 64 lower-case hex digits; empty for records from before there was a chain. */
  readonly hash: string;
}

export interface AuditFilter {
  /** Start of the target, in any case. */
  readonly target?: string | undefined;
  readonly actor?: string | undefined;
  /** `done`, the code of a refusal, or `refused` for all of them. */
  readonly outcome?: string | undefined;
  readonly sinceMs?: number | undefined;
}

export interface AuditStore {
  /** Appends the record to the chain; calls outside a transaction are in one of their own. */
  add(record: AuditRecord): Promise<void>;
  /** Newest first. */
  list(
    filter: AuditFilter,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** In the order of the chain. */
  after(number: number, limit: number): Promise<readonly AuditEntry[]>;
}
