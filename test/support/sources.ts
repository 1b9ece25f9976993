import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Paths from the root for our own files, names for packages and built-ins. */
  readonly imports: readonly string[];
}

const IMPORT = /^\s*(?:import|export)\s(?:[^"']*?\sfrom\s)?["']([^"']+)["']|\bimport\(["']([^"']+)["']\)/gm;

function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, named, dynamic]) => {
    const target = (named ?? dynamic)!;
    return target.startsWith(".") ? posix.join(posix.dirname(path), target) : target;
  });
}

/** Every TypeScript file below the given folders. */
export function sourceFiles(...folders: string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => {
        const path = relative(ROOT, join(entry.parentPath, entry.name)).split("\\").join("/");
        const text = readFileSync(join(ROOT, path), "utf8");
        return { path, text, imports: importsOf(path, text) };
      }),
  );
}

export const isTest = (path: string): boolean => path.endsWith(".test.ts");

/** The room of a source file: `domain` of src/domain/usage/record.ts, `src` of src/compose.ts. */
export function roomOf(path: string): string {
  const parts = dirname(path).split("/");
  return parts[0] === "src" ? (parts[1] ?? "src") : (parts[0] ?? "");
}
