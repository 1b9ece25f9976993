import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTextFile } from "./files.ts";

const TEXT = "ab中文=";
const LINES = `  ${TEXT}\r\n\r\n`;
const bigEndian = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

test.each([
  ["UTF-8", Buffer.from(LINES)],
  ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${LINES}`)],
  ["UTF-16LE, as Windows PowerShell's Out-File writes it", Buffer.from(`\uFEFF${LINES}`, "utf16le")],
  ["UTF-16BE", bigEndian(`\uFEFF${LINES}`)],
])("a small file is read as %s, without the white space around it", async (_, bytes) => {
  const folder = mkdtempSync(join(tmpdir(), "stampbook-files-"));
  try {
    writeFileSync(join(folder, "token"), bytes);
    expect(await readTextFile(join(folder, "token"))).toBe(TEXT);
    await expect(readTextFile(join(folder, "none"))).rejects.toMatchObject({ code: "FileUnreadable" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
