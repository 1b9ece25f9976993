import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  FAULT_SHAPE_NAMES,
  FAULT_SHAPES,
  type FaultRates,
  type FaultShapes,
  HUB_FAULT_NAMES,
  HUB_FAULTS,
} from "../../../simulator/hub/faults.ts";
import type { Hub } from "../../../simulator/hub/hub.ts";
import { STAMP_NAMES, type StampName } from "../../../simulator/stamps.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { DAY_MS, formatInstant, type InstantMs } from "../../lib/instant.ts";
import { formatTable } from "../../lib/table.ts";
import { moment, recordCount, wholeNumber } from "../arguments.ts";
import { globalOptions } from "../command.ts";
import { printJson, printLine, printNote, styled } from "../output.ts";

interface ServeOptions {
  readonly stamp: StampName;
  readonly seed: number;
  readonly records?: number;
  readonly resources?: number;
  readonly from?: InstantMs;
  readonly now?: InstantMs;
  readonly speed: number;
  readonly folder: string;
  readonly listenAddress: string;
  readonly listenPort: number;
  readonly tokenSeconds: number;
  readonly faults?: readonly ("all" | FaultRates)[];
  readonly faultShapes?: Partial<FaultShapes>;
}

const FROM = "2024-02-01T00:00:00Z";
/** The administrator's endpoint of a development kit listens there. */
const PORT = 30_005;
const TOKEN_SECONDS = 3_600;

export function addSimulatorServe(simulator: Command): void {
  simulator
    .command("serve")
    .description("serve one of the stamps as a Hub does, over TLS, with whatever goes wrong on real ones")
    .addOption(new Option("--stamp <name>", "which stamp").choices(STAMP_NAMES).default("north"))
    .option("--seed <n>", "another seed makes another world, with other faults", wholeNumber, 1)
    .option(
      "--records <n>",
      "how many usage records the three stamps report in a month, about; 200000 if nothing is said",
      recordCount,
    )
    .option("--resources <n>", "how many resources the stamp has in a month, about, instead of --records", wholeNumber)
    .option("--from <time>", `usage begins here; ${FROM} if nothing is said`, moment)
    .option("--now <time>", "what the stamp's clock shows at first; a day after --from if nothing is said", moment)
    .option("--speed <n>", "seconds on the stamp's clock for each second; 0 stands still", speedOf, 1)
    .option("--folder <folder>", "where its private authority is kept", "stampbook-hub")
    .option("--listen-address <address>", "where it listens", "127.0.0.1")
    .option("--listen-port <port>", "0 takes any that is free", wholeNumber, PORT)
    .option("--token-seconds <n>", "how long a token is good, on the stamp's clock", wholeNumber, TOKEN_SECONDS)
    .option("--faults <list>", "what goes wrong, with commas between: all, or names with =one-in-so-many", faultsOf)
    .option("--fault-shapes <list>", "how it goes wrong, as name=number with commas between", shapesOf)
    .addHelpText("after", faultsHelp)
    .action(async (options: ServeOptions, command: Command) => {
      const hub = await start(options);
      for (const rates of options.faults ?? []) hub.faults.set(rates);
      tell(hub, globalOptions(command).json);
      await new Promise<void>((stop) => {
        process.once("SIGINT", stop);
        process.once("SIGTERM", stop);
      });
      await hub.close();
      printNote(`${hub.requests()} requests; faults: ${JSON.stringify(hub.faults.counts())}`);
    });
}

async function start(options: ServeOptions): Promise<Hub> {
  const { from = moment(FROM), now = from + DAY_MS, folder, listenAddress: host, listenPort: port } = options;
  const { startHub } = await import("../../../simulator/hub/hub.ts");
  try {
    return await startHub({
      ...options,
      fromMs: from,
      nowMs: now,
      folder: resolve(folder),
      host,
      port,
      faults: { shapes: options.faultShapes ?? {} },
    });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== "listen") throw error;
    const reason = code === "EADDRINUSE" ? "another program listens there" : `it cannot be listened on (${code})`;
    const setting = "listenAddress and listenPort";
    throw new Fault("SettingInvalid", { setting, value: `${host}:${port}`, reason }, { cause: error });
  }
}

function tell(hub: Hub, json: boolean): void {
  const { url, caFile, clientId, clientSecret, providerSubscription, cloudId } = hub;
  const now = formatInstant(hub.clock.now());
  if (json) {
    printJson({ url, caFile, clientId, clientSecret, providerSubscription, cloudId, now });
    return;
  }
  printNote(`A made-up stamp listens on ${styled("bold", url, process.stderr)}; stop it with Ctrl-C.`);
  const rows = [
    ["authority to trust", caFile],
    ["provider subscription", providerSubscription],
    ["client id", clientId],
    ["client secret", clientSecret],
    ["cloud id", cloudId],
    ["its clock shows", now],
  ] as const;
  for (const [name, value] of rows) printLine(`${name.padEnd(22)} ${value}`);
}

const faultsHelp = (): string => {
  const faults = HUB_FAULT_NAMES.map((name) => ({ name, doc: HUB_FAULTS[name] }));
  const shapes = FAULT_SHAPE_NAMES.map((name) => ({
    name,
    doc: `${FAULT_SHAPES[name].doc}; ${FAULT_SHAPES[name].value} if nothing is said`,
  }));
  const columns = [
    { title: "name", value: ({ name }: { name: string }) => name },
    { title: "what it does", value: ({ doc }: { doc: string }) => doc },
  ];
  return `\nFaults:\n${formatTable(faults, columns, 140)}\n\nFault shapes:\n${formatTable(shapes, columns, 140)}`;
};

function speedOf(text: string): number {
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text)) return +text;
  throw new InvalidArgumentError("a number that is not negative is needed");
}

function* pairsOf(text: string): Generator<readonly [string, string]> {
  for (const part of text.split(",")) {
    const [name = "", value = ""] = part.trim().split("=");
    yield [name, value];
  }
}

/** `all,slow=10,maintenance=0`: later parts change what earlier ones set. */
function faultsOf(text: string): readonly ("all" | FaultRates)[] {
  return Array.from(pairsOf(text), ([name, value]) => {
    if (name === "all" && value === "") return name;
    if (!(HUB_FAULT_NAMES as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(`there is no fault '${name}'; there are all, ${HUB_FAULT_NAMES.join(", ")}`);
    }
    return { [name]: wholeNumber(value) };
  });
}

function shapesOf(text: string): Partial<FaultShapes> {
  const pairs = Array.from(pairsOf(text), ([name, value]) => {
    if (!(FAULT_SHAPE_NAMES as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(`there is no shape '${name}'; there are ${FAULT_SHAPE_NAMES.join(", ")}`);
    }
    const isBehind = name === "clockSkewMs" && value.startsWith("-");
    return [name, isBehind ? -wholeNumber(value.slice(1)) : wholeNumber(value)];
  });
  return Object.fromEntries(pairs) as Partial<FaultShapes>;
}
