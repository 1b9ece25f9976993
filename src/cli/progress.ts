import { progress } from "@clack/prompts";

export interface Progress {
  advance(step: number, message: string): void;
  stop(message: string): void;
}

const SILENT: Progress = { advance: () => undefined, stop: () => undefined };

/** A bar on standard error, and only on a terminal: logs and pipes get none. */
export function startProgress(message: string, max: number, shown = true): Progress {
  if (!shown || !process.stderr.isTTY) return SILENT;
  const bar = progress({ max, output: process.stderr, withGuide: false });
  bar.start(message);
  return {
    advance: (step, text) => bar.advance(step, text),
    stop: (text) => bar.stop(text),
  };
}
