#!/usr/bin/env node
import { requireNode } from "../scripts/requireNode.mjs";

requireNode();
const { main } = await import("../src/cli/main.ts");
await main(process.argv);
