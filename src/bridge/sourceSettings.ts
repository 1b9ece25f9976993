import { anyText, EVERY, nameOf, setting, spoolBytesMax, text, url, type Values, whole } from "./settingKinds.ts";

/** Settings of every source that is not a stamp, once. */
const SOURCE = {
  name: nameOf("source"),
  registration: EVERY.registration,
} as const;

const PACE = {
  pollSeconds: setting<number>({
    default: 60,
    doc: "How often somebody looks for more once all was taken.",
    parse: whole(1, 86_400),
  }),
  spoolBytesMax: spoolBytesMax("nothing more is taken"),
  spoolWarnPercent: EVERY.spoolWarnPercent,
  retryDelayMsMin: EVERY.retryDelayMsMin,
  retryDelayMsMax: EVERY.retryDelayMsMax,
} as const;

const oneOf =
  <const Name extends string>(names: readonly Name[]) =>
  (given: unknown): Name | { readonly reason: string } =>
    names.find((so) => so === given) ?? { reason: `it must be one of ${names.join(", ")}` };

/** Every setting of a folder of files, once. */
export const FOLDER_SETTINGS = {
  ...SOURCE,
  folder: setting<string>({
    default: undefined,
    doc: "Where the files are: *.ndjson, *.jsonl and *.json, also with .gz. Other names, and those that begin with a dot, are left alone.",
    parse: text,
  }),
  doneFolder: setting<string>({
    default: "",
    doc: "Where files go when they were taken, on the same file system; refused ones go to `refused` below it. Empty: they stay, and are remembered by their digest.",
    parse: anyText,
  }),
  jsonFiles: setting<"events" | "event" | "page">({
    default: "events",
    doc: "What *.json is: events, an array of CloudEvents; event, one of them; page, an answer of a stamp.",
    parse: oneOf(["events", "event", "page"]),
  }),
  ...PACE,
} as const;

/** Every setting of an HTTP source, once. */
export const HTTP_SETTINGS = {
  ...SOURCE,
  url: setting<string>({
    default: undefined,
    doc: "Where the first page is. Counts only until it was read; https, or http on this machine.",
    parse: (given) => {
      if (typeof given !== "string") return { reason: "it must be a text" };
      const [address = "", ...queries] = given.split("?");
      const checked = url(address);
      return typeof checked === "string" && queries.length <= 1 && !given.includes("#")
        ? given
        : { reason: "it must be https, or http on this machine, without user and fragment" };
    },
  }),
  format: setting<"events" | "event" | "ndjson" | "page">({
    default: "events",
    doc: "What it answers with: events, an array of CloudEvents; event, one of them; ndjson, one a line; page, what a stamp answers, with its nextLink.",
    parse: oneOf(["events", "event", "ndjson", "page"]),
  }),
  caFile: setting<string>({
    default: "",
    doc: "Certificates of the authorities to trust for the source, as PEM. Empty: the usual ones.",
    parse: anyText,
  }),
  tokenFile: setting<string>({
    default: "",
    doc: "File with a bearer token for the source, mode 0600. Empty: none is sent.",
    parse: anyText,
  }),
  requestTimeoutSeconds: setting<number>({
    default: 180,
    doc: "How long the source may be silent in the middle of a call.",
    parse: whole(1, 3_600),
  }),
  ...PACE,
} as const;

export type FolderSettings = Values<typeof FOLDER_SETTINGS>;
export type HttpSettings = Values<typeof HTTP_SETTINGS>;
export type SourceSettings = Values<typeof SOURCE & typeof PACE>;
