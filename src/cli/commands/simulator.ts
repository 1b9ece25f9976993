import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Command } from "commander";
import { registrationToken, type Stamp } from "../../../simulator/stamps.ts";
import { ndjson, pages } from "../../../simulator/usage.ts";
import { createWorld, type World } from "../../../simulator/world.ts";
import { formatInstant } from "../../lib/instant.ts";
import { periodName, recordCount, wholeNumber } from "../arguments.ts";
import { globalOptions } from "../command.ts";
import { printJson, printLine } from "../output.ts";
import { startProgress } from "../progress.ts";
import { addSimulatorServe } from "./simulatorServe.ts";

interface GenerateOptions {
  readonly records: number;
  readonly seed: number;
  readonly period: string;
  readonly out: string;
  readonly gzip: boolean;
  readonly pages: boolean;
}

export function addSimulator(program: Command): void {
  const simulator = program.command("simulator").description("a made-up partner with three stamps");
  addSimulatorServe(simulator);
  simulator
    .command("generate")
    .description(
      "write a month of usage as the stamps report it, and the files that go with it; any size in constant memory",
    )
    .option("--records <n>", "how many usage records, about", recordCount, 100_000)
    .option("--seed <n>", "another seed makes another world", wholeNumber, 1)
    .option("--period <month>", "the month", periodName, "2024-02")
    .option("--out <folder>", "where to write", "stampbook-usage")
    .option("--gzip", "compress the usage", false)
    .option(
      "--pages",
      "write each answer of a Hub as a file of its own, instead of one NDJSON file for each stamp",
      false,
    )
    .action(async (options: GenerateOptions, command: Command) => {
      const files = await generate(options, globalOptions(command).json);
      if (globalOptions(command).json) printJson({ files });
      else printLine(files.join("\n"));
    });
}

async function generate(options: GenerateOptions, quiet: boolean): Promise<readonly string[]> {
  const world = createWorld(options);
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  const files = [join(folder, "catalogue.json")];
  writeFileSync(files[0]!, JSON.stringify(world.catalogue, undefined, 1));
  for (const stamp of world.stamps) {
    const local = join(folder, `${stamp.name}.local-subscriptions.json`);
    writeFileSync(local, JSON.stringify(world.localSubscriptions(stamp), undefined, 1));
    const token = join(folder, `${stamp.name}.token`);
    writeFileSync(token, `${registrationToken(stamp)}\n`);
    files.push(token, local);
    files.push(
      options.pages ? writePages(folder, world, stamp) : await writeUsage(folder, world, stamp, { ...options, quiet }),
    );
  }
  return files;
}

async function writeUsage(
  folder: string,
  world: World,
  stamp: Stamp,
  { gzip, quiet }: { readonly gzip: boolean; readonly quiet: boolean },
): Promise<string> {
  const file = join(folder, `${stamp.name}.ndjson${gzip ? ".gz" : ""}`);
  const target = createWriteStream(file);
  const sink = gzip ? createGzip({ level: 1 }) : target;
  if (gzip) sink.pipe(target as never);
  const bar = startProgress(file, 1, !quiet);
  for (const buffer of ndjson(world, stamp)) if (!sink.write(buffer)) await once(sink, "drain");
  sink.end();
  await finished(target);
  bar.stop(file);
  return file;
}

/** The window of a page is in its file name: it is not in the page, as on a real Hub. */
function writePages(folder: string, world: World, stamp: Stamp): string {
  const into = join(folder, stamp.name);
  mkdirSync(into, { recursive: true });
  let number = 0;
  for (const { window, body } of pages(world, stamp)) {
    number += 1;
    const hour = formatInstant(window.startMs).replaceAll(":", "");
    writeFileSync(join(into, `${String(number).padStart(6, "0")}.${hour}.json`), body);
  }
  return into;
}
