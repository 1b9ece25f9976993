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

export interface AuditStore {
  add(record: AuditRecord): Promise<void>;
}
