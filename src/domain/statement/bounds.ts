/** The newest change of each kind that counted, by the kind's name; what was recorded after it is another knowledge. */
export type KnowledgeMark = Readonly<Record<string, number>>;

/** What was known when something was worked out; with the usage hours it is all that rebuilding needs. */
export interface Bounds {
  /** Changes recorded up to here count. */
  readonly knownUntilMs: number;
  /** Changes up to these count: of two in one millisecond it tells which was known. */
  readonly mark: KnowledgeMark;
  /** Usage of batches up to this one counts. */
  readonly lastBatch: number;
}

/**
 * Whether a change was known.
 * @param mark undefined: the time alone decides
 */
export const isKnownBy = (mark: KnowledgeMark | undefined, kind: string, id: number): boolean =>
  mark === undefined || id <= (mark[kind] ?? 0);
