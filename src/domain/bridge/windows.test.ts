import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../lib/instant.ts";
import { isFinal, nextReading, type RecentWindow, type ReadingRules } from "./windows.ts";

const rules: ReadingRules = { settleMs: 10 * MINUTE_MS, rereadDepthMs: 12 * HOUR_MS };
const read = (startMs: number, readAtMs: number, more: Partial<RecentWindow> = {}): RecentWindow => ({
  startMs,
  readAtMs,
  by: "stamp",
  confirmTries: 0,
  ...more,
});
const at = (hours: number, minutes = 0): number => hours * HOUR_MS + minutes * MINUTE_MS;

describe("which window is read next", () => {
  test("a window that is held is not asked for, and those that are due again have their turn", () => {
    const held = 5 * MINUTE_MS;
    expect(nextReading({ cursorMs: at(10), recent: [] }, rules, at(12), held)).toEqual({
      kind: "wait",
      untilMs: at(12, 5),
    });
    const recent = [read(at(8), at(9, 10))];
    expect(nextReading({ cursorMs: at(10), recent }, rules, at(12), held)).toMatchObject({
      startMs: at(8),
      again: true,
    });
  });

  const rows: readonly [string, RecentWindow[], number, ReturnType<typeof nextReading>][] = [
    ["waits until the hour is over and has settled", [], at(11, 9), { kind: "wait", untilMs: at(11, 10) }],
    ["then reads it", [], at(11, 10), { kind: "read", startMs: at(10), again: false, confirms: false }],
    [
      "new windows before old ones",
      [read(at(3), at(4, 10))],
      at(11, 10),
      { kind: "read", startMs: at(10), again: false, confirms: false },
    ],
    [
      "an hour after its end again",
      [read(at(8), at(9, 10))],
      at(10),
      { kind: "read", startMs: at(8), again: true, confirms: false },
    ],
    ["not twice in a step", [read(at(8), at(10, 1))], at(10, 30), { kind: "wait", untilMs: at(11) }],
    [
      "the last time at the depth",
      [read(at(-3), at(6))],
      at(10),
      { kind: "read", startMs: at(-3), again: true, confirms: false },
    ],
    [
      "a window that was only read subscription by subscription is tried as a whole once more",
      [read(at(-20), at(8), { by: "subscription" })],
      at(10),
      { kind: "read", startMs: at(-20), again: true, confirms: true },
    ],
    [
      "but not for ever",
      [read(at(-20), at(8), { by: "subscription", confirmTries: 3 })],
      at(11),
      { kind: "wait", untilMs: at(11, 10) },
    ],
  ];
  test.each(rows)("%s", (_, recent, nowMs, next) => {
    expect(nextReading({ cursorMs: at(10), recent }, rules, nowMs)).toEqual(next);
  });

  test("however often it runs, no window is left out, and each has a reading at or after the depth", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 * HOUR_MS }), { minLength: 5, maxLength: 60 }), (pauses) => {
        let cursorMs = 0;
        let recent: RecentWindow[] = [];
        const lastAge = new Map<number, number>();
        let nowMs = 0;
        const runUntilNothingIsDue = (): void => {
          for (;;) {
            const next = nextReading({ cursorMs, recent }, rules, nowMs);
            if (next.kind === "wait") {
              expect(next.untilMs).toBeGreaterThan(nowMs);
              return;
            }
            if (!next.again) {
              expect(next.startMs).toBe(cursorMs);
              cursorMs += HOUR_MS;
            }
            lastAge.set(next.startMs, nowMs - next.startMs - HOUR_MS);
            const window = read(next.startMs, nowMs);
            recent = [...recent.filter(({ startMs }) => startMs !== next.startMs), window].filter(
              (so) => !isFinal(so, rules),
            );
          }
        };
        for (const pause of pauses) {
          nowMs += pause;
          runUntilNothingIsDue();
        }
        const lastMs = cursorMs;
        nowMs += 13 * HOUR_MS;
        runUntilNothingIsDue();
        for (let startMs = 0; startMs < lastMs; startMs += HOUR_MS) {
          expect(lastAge.get(startMs)).toBeGreaterThanOrEqual(rules.rereadDepthMs);
        }
      }),
    );
  });
});
