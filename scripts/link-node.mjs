// npm 11 links node_modules/.bin/node to the pinned Node.js by itself; npm 9 and 10 do not link the bin of an optional
// platform package, so npm scripts would run on the system's older Node.js. Plain JavaScript: runs on any Node.js.
import { existsSync, mkdirSync, symlinkSync } from "node:fs";

const link = "node_modules/.bin/node";
const target = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
if (existsSync(target) && !existsSync(link)) {
  mkdirSync("node_modules/.bin", { recursive: true });
  symlinkSync(`../node-${process.platform}-${process.arch}/bin/node`, link);
}
