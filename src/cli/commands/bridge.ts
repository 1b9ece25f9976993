import type { Command } from "commander";
import { openBridge } from "../../bridge/bridge.ts";
import { type BridgeConfig, readConfig } from "../../bridge/config.ts";
import { bothHear } from "../../bridge/events.ts";
import { BridgeMetrics, serveMetrics } from "../../bridge/metrics.ts";
import { type StampLook, stampLooks } from "../../bridge/status.ts";
import { redeliver } from "../../bridge/redeliver.ts";
import { systemClock } from "../../lib/instant.ts";
import { randomFraction } from "../../lib/secret.ts";
import { addBundles } from "./bridgeBundles.ts";
import { bridgeTeller } from "../bridgeTeller.ts";
import { globalOptions } from "../command.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { grouped, printJson, printLine, printNote, printRows } from "../output.ts";

const CONFIG = [
  "--config <file>",
  "the bridge's configuration, as docs/reference/bridge-settings.md lists it",
] as const;

interface ConfigOption {
  readonly config: string;
}

export function addBridge(program: Command): void {
  const bridge = program.command("bridge").description("bring the usage of stamps to a server; runs next to them");
  bridge
    .command("run")
    .description("read the stamps of a configuration hour by hour and deliver, until it is told to stop")
    .requiredOption(...CONFIG)
    .option("--once", "end when all that is there was read and delivered", false)
    .action(async ({ config, once }: ConfigOption & { once: boolean }, command: Command) => {
      await run(config, once, command);
    });
  bridge
    .command("status")
    .description("show how far each stamp was read and what waits; also while the bridge runs")
    .requiredOption(...CONFIG)
    .action(async ({ config }: ConfigOption, command: Command) => {
      printRows(globalOptions(command), await stampLooks(readConfig(config)), STATUS_COLUMNS, "No stamp.");
    });
  bridge
    .command("redeliver")
    .description(
      "deliver once more what was set aside because the server rejected rows of it; not while the bridge runs",
    )
    .requiredOption(...CONFIG)
    .action(async ({ config }: ConfigOption, command: Command) => {
      const deliveries = await redeliver(readConfig(config));
      if (globalOptions(command).json) printJson({ deliveries });
      else printLine(`${deliveries} deliveries will be made again when the bridge runs.`);
    });
  addBundles(bridge);
}

const STATUS_COLUMNS = [
  { title: "stamp", value: (so: StampLook) => so.stamp },
  { title: "next hour", value: (so: StampLook) => so.nextHour ?? "" },
  { title: "waiting", align: "right" as const, value: (so: StampLook) => grouped(so.deliveriesWaiting) },
  { title: "set aside", align: "right" as const, value: (so: StampLook) => grouped(so.deliveriesSetAside) },
  { title: "spool bytes", align: "right" as const, value: (so: StampLook) => grouped(so.spoolBytes) },
  { title: "accepted", align: "right" as const, value: (so: StampLook) => grouped(so.delivered.accepted) },
  { title: "skew s", align: "right" as const, value: (so: StampLook) => String(Math.round(so.skewMs / 1_000)) },
];

async function run(file: string, once: boolean, command: Command): Promise<void> {
  const config = readConfig(file);
  const { json } = globalOptions(command);
  const metrics = new BridgeMetrics();
  const events = bothHear(metrics.events, bridgeTeller(json));
  const bridge = await openBridge(config, { clock: systemClock, random: randomFraction }, events);
  const { metricsAddress: address, metricsPort: port } = config;
  const stop = new AbortController();
  // What was read is durable: whoever does not want to wait for the call that is on its way sends the signal again.
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT_CODES.interrupted.status);
    stop.abort();
    setTimeout(() => process.exit(EXIT_CODES.done.status), STOP_MS_MAX).unref();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  let server: Awaited<ReturnType<typeof serveMetrics>> | undefined;
  try {
    if (port !== 0) server = await serveMetrics(metrics, bridge, { address, port });
    if (!json) printNote(`The bridge reads ${namesOf(config).join(", ")}; stop it with Ctrl-C.`);
    const caughtUp = await bridge.run(stop.signal, once);
    if (once) process.exitCode = (caughtUp ? EXIT_CODES.done : EXIT_CODES.unavailable).status;
  } finally {
    server?.close();
    bridge.close();
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

const namesOf = ({ stamps, folders, httpSources }: BridgeConfig): readonly string[] =>
  [...stamps, ...folders, ...httpSources].map(({ name }) => name);

/** A call that is on its way is given up after this; its window is read again. */
const STOP_MS_MAX = 5_000;
