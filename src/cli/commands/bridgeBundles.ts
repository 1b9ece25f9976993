import type { Command } from "commander";
import { exportBundle, senderKeysFile, takeReceipt } from "../../bridge/bundle/exportBundle.ts";
import { importBundle, type ImportedBundle, importKeys, trustSender } from "../../bridge/bundle/importBundle.ts";
import { ownKeys } from "../../bridge/bundle/keys.ts";
import { type BridgeConfig, readConfig } from "../../bridge/config.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { systemClock } from "../../lib/instant.ts";
import { randomFraction } from "../../lib/secret.ts";
import { wholeNumber } from "../arguments.ts";
import { bridgeTeller } from "../bridgeTeller.ts";
import { globalOptions, withClient } from "../command.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { grouped, printJson, printLine } from "../output.ts";

const CONFIG = ["--config <file>", "the bridge's configuration"] as const;
const PLACE = ["--place <folder>", "where the importing side keeps its keys and what it imported"] as const;

const around = () => ({
  surroundings: { clock: systemClock, random: randomFraction },
  // Standard output is for the result.
  events: bridgeTeller(false),
});

/** Commands for stamps that nothing leads to but a file in somebody's hand. */
export function addBundles(bridge: Command): void {
  addSending(bridge);
  addTaking(bridge);
}

function addSending(bridge: Command): void {
  bridge
    .command("export")
    .description(
      "read a stamp and write what was read into a signed, encrypted, numbered file; not while the bridge runs",
    )
    .requiredOption(...CONFIG)
    .requiredOption("--stamp <name>", "which stamp")
    .option("--to <folder>", "where to write", ".")
    .option("--no-read", "only what was read before")
    .option("--again <number>", "write a bundle that has no receipt once more", wholeNumber)
    .action(
      async (
        options: { config: string; stamp: string; to: string; read: boolean; again?: number },
        command: Command,
      ) => {
        const { config, stamp, to, read, again } = options;
        const written = await exportBundle(
          readConfig(config),
          { stamp, to, read: read && again === undefined, again },
          around(),
        );
        if (globalOptions(command).json) printJson(written ?? { file: null });
        else if (written === undefined) printLine("There is nothing to export.");
        else printLine(`${written.file}: ${grouped(written.rows)} rows of ${grouped(written.readings)} readings`);
        if (written?.caughtUp === false) process.exitCode = EXIT_CODES.unavailable.status;
      },
    );
  bridge
    .command("receipt")
    .description("take a receipt back: what its bundle held is removed here; not while the bridge runs")
    .requiredOption(...CONFIG)
    .argument("<file>")
    .action(async (file: string, { config }: { config: string }, command: Command) => {
      const taken = await takeReceipt(readConfig(config), file, around());
      if (globalOptions(command).json) printJson(taken);
      else {
        printLine(
          taken.isNew ? `Bundle ${taken.number} has arrived.` : `Bundle ${taken.number} had its receipt before.`,
        );
        if (taken.missing.length > 0) printLine(missingText(taken.missing));
      }
    });
}

const missingText = (missing: readonly number[]): string =>
  `Not imported yet: ${missing.join(", ")}. Write them again with stampbook bridge export --again NUMBER`;

function addTaking(bridge: Command): void {
  bridge
    .command("keys")
    .description("show the public key of one side, to be compared by telephone or on paper; made where there is none")
    .option(...PLACE)
    .option(...CONFIG)
    .option("--stamp <name>", "with --config: which stamp's")
    .action(async (options: { place?: string; config?: string; stamp?: string }, command: Command) => {
      const { public: keys } = await keysOf(options);
      if (globalOptions(command).json) printJson({ key: keys.text });
      else printLine(keys.text);
    });
  bridge
    .command("trust")
    .description("believe the bundles of a key, for one registration")
    .requiredOption(...PLACE)
    .requiredOption("--registration <registration>", "whose usage it is: number, name, cloud id or resource id")
    .argument("<key>", "what stampbook bridge keys shows on the stamp's side")
    .action(async (key: string, { place, registration }: { place: string; registration: string }, command: Command) => {
      if (!(await trustSender(place, key, registration))) {
        throw new Fault("SettingInvalid", { setting: "key", value: key, reason: "it is no public key of Stampbook" });
      }
      if (globalOptions(command).json) printJson({ key, registration });
      else printLine(`Bundles of this key are usage of ${registration} from now on.`);
    });
  bridge
    .command("import")
    .description(
      "check bundles and deliver what is in them; a receipt is written beside each. Doing it twice adds nothing",
    )
    .requiredOption(...PLACE)
    .argument("<file...>")
    .action(async (files: string[], { place }: { place: string }, command: Command) => {
      await withClient(command, async (client, { json }) => {
        const imported: ImportedBundle[] = [];
        for (const file of files) {
          const bundle = await importBundle(client, { place, file }, systemClock);
          imported.push(bundle);
          if (!json) printLine(importedText(bundle));
        }
        if (json) printJson({ bundles: imported });
        const missing = imported.at(-1)!.missing.length > 0;
        if (missing || imported.some(({ counts }) => counts.rejected > 0))
          process.exitCode = EXIT_CODES.incomplete.status;
      });
    });
}

/** @throws Fault BridgeConfigInvalid, SettingInvalid */
async function keysOf({ place, config, stamp }: { place?: string; config?: string; stamp?: string }) {
  if (place !== undefined) return await importKeys(place);
  if (config === undefined || stamp === undefined) {
    throw new Fault("SettingInvalid", {
      setting: "keys",
      value: "",
      reason: "--place is needed, or --config and --stamp",
    });
  }
  const read: BridgeConfig = readConfig(config);
  if (read.stamps.some(({ name }) => name === stamp)) return await ownKeys(senderKeysFile(read, stamp));
  throw new Fault("BridgeConfigInvalid", { file: config, setting: "stamps", reason: `there is no stamp '${stamp}'` });
}

function importedText({ file, number, repeated, counts, readings, missing, receipt }: ImportedBundle): string {
  const what = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${grouped(count)} ${outcome}`)
    .join(", ");
  const lines = [
    `${file}: bundle ${number}${repeated ? ", imported before" : ""}, ${grouped(readings)} readings: ${what || "no rows"}`,
    `receipt: ${receipt}`,
  ];
  if (missing.length > 0) lines.push(missingText(missing));
  return lines.join("\n");
}
