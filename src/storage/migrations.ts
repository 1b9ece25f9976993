import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const FILE = /^(\d{6})-([a-z0-9-]+)\.sql$/;
const HEADER = /^--! breaking: (yes|no)\n--! why: \S/;

/**
 * The migrations of a folder in order. They only go forward, are numbered from 1 without a gap, and each says whether
 * it breaks older servers and why it is there.
 */
export function readMigrations(folder: string): readonly Migration[] {
  const migrations = readdirSync(folder)
    .sort()
    .map((file) => {
      const [, number, name] = FILE.exec(file) ?? [];
      assert(number !== undefined && name !== undefined, `${file} is not named NNNNNN-name.sql`);
      const sql = readFileSync(join(folder, file), "utf8");
      assert(HEADER.test(sql), `${file} does not begin with its --! breaking: and --! why: lines`);
      return { number: Number.parseInt(number, 10), name, sql };
    });
  migrations.forEach(({ number }, i) => assert(number === i + 1, `migration ${i + 1} is missing`));
  return migrations;
}
