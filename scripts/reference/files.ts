import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where paths of generated files start. */
const ROOT = join(import.meta.dirname, "../..");

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Writes generated files, or with `--check` only tells which of them differ and sets exit status 1 then.
 * @param files content by path
 * @param command what to run when they differ
 */
export function writeOrCheck(files: ReadonlyMap<string, string>, command: string): void {
  const different = [...files].filter(([path, content]) => contentOf(path) !== content);
  if (process.argv.includes("--check")) {
    for (const [path] of different) console.error(`${path} differs from its source; run ${command}`);
    if (different.length > 0) process.exitCode = 1;
    return;
  }
  for (const [path, content] of different) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
    console.log(`wrote ${path}`);
  }
}
