import type { Lane } from "../engine.ts";

/** What the server and the process that holds the engine say to each other. */
export type EngineRequest =
  | { readonly id: number; readonly lane: Lane; readonly sql: string }
  | { readonly close: true };

export type EngineReply =
  | { readonly ready: true }
  | { readonly failed: string }
  | { readonly id: number; readonly rows: Uint8Array }
  | { readonly id: number; readonly error: string }
  | { readonly peakRssBytes: number };
