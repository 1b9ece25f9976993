// Plain JavaScript on purpose: this file must run on the old Node.js that it refuses.
import { pathToFileURL } from "node:url";

const NODE_MAJOR_MIN = 24;

/** Exits with status 70 and one line on standard error when Node.js is older than Stampbook needs. */
export function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= NODE_MAJOR_MIN) return;
  process.stderr.write(
    `NodeTooOld: Stampbook needs Node.js ${NODE_MAJOR_MIN} or newer and this is ${process.version}; ` +
      `start it with "npm run stampbook --", which uses the Node.js that npm ci installed, or install Node.js ${NODE_MAJOR_MIN}.\n`,
  );
  process.exit(70);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) requireNode();
