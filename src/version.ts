import packageJson from "../package.json" with { type: "json" };

/** The one source of the version is package.json. */
export const VERSION = packageJson.version;
