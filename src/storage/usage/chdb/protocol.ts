import type { Lane } from "../engine.ts";

/**
 * The sessions of the engine by what they may do: write; only read tables; only read, but also the files through which
 * rows of a look-up are handed over. ClickHouse calls these readonly 0, 1 and 2. What writes and reads archives has its
 * own, since it may take long.
 */
export type SessionKind = Lane | "handover" | "export" | "archive";

/** What the server and the process that holds the engine say to each other. */
export type EngineRequest =
  | { readonly id: number; readonly sessions: SessionKind; readonly sql: string }
  | { readonly close: true };

export type EngineReply =
  | { readonly ready: true }
  | { readonly failed: string }
  | { readonly id: number; readonly rows: Uint8Array }
  | { readonly id: number; readonly error: string }
  | { readonly peakRssBytes: number };
