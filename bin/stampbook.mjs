#!/usr/bin/env node
import module from "node:module";
import { requireNode } from "../scripts/requireNode.mjs";

requireNode();
// Sources are stripped of their types and compiled once; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
module.enableCompileCache();
if (import.meta.url.includes("/node_modules/")) await import("./strip-types.mjs");
const { startLean } = await import("../src/lib/startLean.ts");
startLean(process.env);
const { main } = await import("../src/cli/main.ts");
await main(process.argv);
