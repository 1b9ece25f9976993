/** Why a stamp could not be read just now. */
export type TroubleKind =
  | "not-ready"
  | "throttled"
  | "too-slow"
  | "unreachable"
  | "broken-body"
  | "failed"
  | "sign-in"
  | "refused";

/** Something that passes, or that somebody has to put right; it is tried again in any case. */
export class Trouble extends Error {
  readonly kind: TroubleKind;
  /** What the other side asks to wait. */
  readonly retryAfterMs: number;
  /** The code of the refusal, where there is one. */
  readonly code: string;

  constructor(
    kind: TroubleKind,
    message: string,
    { cause, retryAfterMs = 0, code = "" }: { cause?: unknown; retryAfterMs?: number | undefined; code?: string } = {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
    this.code = code;
  }
}

/** What is tried again at once, page by page: the rest needs another way, or time. */
export const passesSoon = (error: unknown): error is Trouble =>
  error instanceof Trouble && ["throttled", "unreachable", "broken-body", "failed"].includes(error.kind);
