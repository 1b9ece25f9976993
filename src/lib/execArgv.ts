/**
 * What further processes and threads of ours are started with. An installed package lies below node_modules, where Node.js needs
 * help with our TypeScript.
 */
export const EXEC_ARGV = import.meta.dirname.includes("/node_modules/")
  ? ["--import", `${import.meta.dirname}/../../bin/strip-types.mjs`]
  : [];
