// Node.js runs our TypeScript as it is, but not below node_modules, which is where an installed package lies. There the
// types are stripped here, by Node's own function.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

const emitWarning = process.emitWarning.bind(process);
// The function is called experimental; whoever uses the command can do nothing about it.
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes("stripTypeScriptTypes")) emitWarning(warning, ...rest);
};

registerHooks({
  load(url, context, nextLoad) {
    if (!/\/node_modules\/.*\.ts$/.test(url)) return nextLoad(url, context);
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
    return { format: "module", shortCircuit: true, source };
  },
});
