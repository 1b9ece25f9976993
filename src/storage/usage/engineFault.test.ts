import { expect, test } from "vitest";
import { engineFault, withoutPaths } from "./engineFault.ts";

test.each([
  [
    "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space in /data/usage/store/4e2/. (NOT_ENOUGH_SPACE)",
    "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space in (a file) (NOT_ENOUGH_SPACE)",
  ],
  [
    "Code: 76. DB::Exception: Cannot open file '/var/lib/click house/tmp_1': , errno: 30, strerror: Read-only file system",
    "Code: 76. DB::Exception: Cannot open file '(a file) house/tmp_1': , errno: 30, strerror: Read-only file system",
  ],
  [
    "filesystem error: in rename: No space left on device [/srv/a/b] [/srv/a/c]",
    "filesystem error: in rename: No space left on device [(a file)] [(a file)]",
  ],
  [
    "Code: 40. DB::Exception: Checksum doesn't match: store/4e2/4e2d-11/202402_1_1_0/data.bin: 3.5 MiB/s",
    "Code: 40. DB::Exception: Checksum doesn't match: (a file): 3.5 MiB/s",
  ],
  ["connect ECONNREFUSED 127.0.0.1:8123", "connect ECONNREFUSED 127.0.0.1:8123"],
  ["one line\n at /usr/lib/engine.ts:1", "one line"],
])("%s", (said, told) => {
  expect(withoutPaths(said)).toBe(told);
});

test("the fault tells what the engine said without paths, and keeps all of it for the log", () => {
  const fault = engineFault("Code: 40. /srv/data is broken", "Code: 40. /srv/data is broken\nin a thread");
  expect(fault.message).toBe("The usage store cannot answer now: Code: 40. (a file) is broken.");
  expect(fault.cause).toMatchObject({ message: "Code: 40. /srv/data is broken\nin a thread" });
});
