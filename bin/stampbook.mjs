#!/usr/bin/env node
import { requireNode } from "../scripts/requireNode.mjs";

requireNode();
if (import.meta.url.includes("/node_modules/")) await import("./strip-types.mjs");
const { startLean } = await import("../src/lib/startLean.ts");
startLean(process.env);
const { main } = await import("../src/cli/main.ts");
await main(process.argv);
