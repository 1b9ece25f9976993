import { expect, test } from "vitest";
import { windowOf } from "./segmentRecords.ts";

// Goal: of records that are listed by the hour, the hours of a page hold the page whole, and no hour more than it needs.

const HOURS = [
  [0, 3],
  [3_600, 2],
  [7_200, 4],
] as const;
/** Each record as [hour, place in the hour], in their order. */
const ALL = HOURS.flatMap(([start, records]) => Array.from({ length: records }, (_, i) => `${start} ${i}`));

test("every page of every size is found in its hours", () => {
  for (let offset = 0; offset <= ALL.length + 1; offset += 1) {
    for (let limit = 1; limit <= ALL.length + 1; limit += 1) {
      const page = ALL.slice(offset, offset + limit);
      const window = windowOf(HOURS, offset, limit);
      if (window === undefined) {
        expect(page).toEqual([]);
        continue;
      }
      const inside = ALL.filter((so) => {
        const hour = Number.parseInt(so, 10);
        return hour >= window.from && hour <= window.to;
      });
      expect(inside.slice(window.offset, window.offset + limit)).toEqual(page);
      expect([`${window.from}`, `${window.to}`]).toEqual([page[0]!.split(" ")[0], page.at(-1)!.split(" ")[0]]);
    }
  }
});
