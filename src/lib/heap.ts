import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Where new objects are; V8 alone goes to 128 MiB and stays there. */
const NEW_SPACE_BYTES_MAX = 32 * 2 ** 20;
const LOOK_EVERY_MS = 100;

const newSpaceBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;

/** V8 takes a limit only when it starts, but asks for the factor each time it would grow, and shrinks when idle. */
function boundNewSpace(): void {
  setFlagsFromString(`--semi-space-growth-factor=${newSpaceBytes() < NEW_SPACE_BYTES_MAX ? 2 : 1}`);
}

let bounding: NodeJS.Timeout | undefined;

/**
 * Keeps the heap nearer to what is alive in it. Left alone, V8 collects old objects ever later the longer a stream runs:
 * on an import of a million records 370 MiB at 100, 425 at 200, for 6 % more processor time; 50 would save 15 more and
 * cost another 15 %. And it gives new objects ever more room: bounding that saves another 100 MiB, at no cost that could
 * be measured.
 */
export function keepHeapLean(): void {
  setFlagsFromString("--heap-growing-percent=100");
  boundNewSpace();
  bounding ??= setInterval(boundNewSpace, LOOK_EVERY_MS).unref();
}
