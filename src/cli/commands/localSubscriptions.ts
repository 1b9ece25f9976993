import type { Command } from "commander";
import type { LocalSubscriptionInfo, LocalSubscriptionRow } from "../../client/types.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { withClient } from "../command.ts";
import { readJsonFile } from "../files.ts";
import { printJson, printLine, printRows } from "../output.ts";

const REGISTRATION = ["<registration>", "number, name, cloud id or resource id"] as const;
const AS_OF = ["--as-of <time>", "what was known at this instant; now unless given"] as const;

/** A file holds an array of rows, or an object with a `value` array, as `list --json` prints it. */
async function rowsIn<Row>(file: string): Promise<readonly Row[]> {
  const content = await readJsonFile<readonly Row[] | { readonly value?: readonly Row[] } | null>(file);
  const rows = Array.isArray(content)
    ? (content as readonly Row[])
    : (content as { value?: readonly Row[] } | null)?.value;
  if (Array.isArray(rows)) return rows;
  throw new Fault("InvalidRequestContent", {
    reason: `${file} holds neither an array nor an object with a value array`,
  });
}

const OWNERSHIP = [
  { title: "tenant", value: (so: LocalSubscriptionInfo) => so.tenant, cut: "end" as const },
  { title: "name", value: (so: LocalSubscriptionInfo) => so.displayName, cut: "end" as const },
  { title: "owner", value: (so: LocalSubscriptionInfo) => so.owner, cut: "end" as const },
  { title: "offer", value: (so: LocalSubscriptionInfo) => so.offer, cut: "end" as const },
  { title: "state", value: (so: LocalSubscriptionInfo) => so.state },
  { title: "from hour", value: (so: LocalSubscriptionInfo) => so.validFrom ?? "the beginning" },
];
const RECORDING = [
  { title: "recorded", value: (so: LocalSubscriptionInfo) => so.recordedAt },
  { title: "by", value: (so: LocalSubscriptionInfo) => so.recordedBy },
];

export function addLocalSubscriptions(program: Command): void {
  const local = program.command("local-subscriptions").description("subscriptions on a stamp and their tenants");
  addReading(local);
  addWriting(local);
}

function addReading(local: Command): void {
  local
    .command("list")
    .description("list the local subscriptions of a stamp, each with its newest change")
    .argument(...REGISTRATION)
    .option("--at <time>", "what counts in the usage hour of this instant, instead of the newest")
    .option(...AS_OF)
    .action((registration: string, of: { at?: string; asOf?: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "local subscription", value: (so: LocalSubscriptionInfo) => so.localSubscription },
          ...OWNERSHIP,
        ];
        const none = "No local subscription is known: all usage of this stamp will be parked.";
        printRows(output, await client.localSubscriptions(registration, of), columns, none);
      }),
    );

  local
    .command("history")
    .description("list every change of a local subscription, in the order of recording")
    .argument(...REGISTRATION)
    .argument("<local-subscription>")
    .option(...AS_OF)
    .action((registration: string, id: string, of: { asOf?: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const changes = await client.localSubscriptionHistory(registration, id, of);
        printRows(output, changes, [...OWNERSHIP, ...RECORDING], "Nobody knows this local subscription.");
      }),
    );
}

interface PutOptions {
  readonly tenant: string;
  readonly owner?: string;
  readonly offer?: string;
  readonly name?: string;
  readonly state?: string;
  readonly validFrom?: string;
}

function addWriting(local: Command): void {
  local
    .command("put")
    .description("add a local subscription, or change what is known of it from an hour on")
    .argument(...REGISTRATION)
    .argument("<local-subscription>")
    .requiredOption("--tenant <id>", "the directory that it belongs to")
    .option("--owner <owner>", "whoever owns it on the stamp")
    .option("--offer <offer>", "the stamp's offer that it is under")
    .option("--name <name>", "name to show")
    .option("--state <state>", "in the stamp's words; Enabled unless said")
    .option("--valid-from <time>", "the usage hour that it counts from; the next whole hour unless it is new")
    .action((registration: string, localSubscription: string, options: PutOptions, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { name, ...rest } = options;
        const row = { localSubscription, ...rest, ...(name === undefined ? {} : { displayName: name }) };
        const result = await client.putLocalSubscriptions(registration, [row]);
        if (json) printJson(result);
        else printLine(result.changes === 0 ? "It is so already." : "The change was recorded.");
      }),
    );

  local
    .command("import")
    .description("add or change local subscriptions from a JSON file; all of them or none")
    .argument(...REGISTRATION)
    .argument("<file>")
    .action(async (registration: string, file: string, _, command: Command) => {
      const rows = await rowsIn<LocalSubscriptionRow>(file);
      await withClient(command, async (client, { json }) => {
        const result = await client.putLocalSubscriptions(registration, rows);
        if (json) printJson(result);
        else printLine(`${result.changes} local subscriptions were added or changed.`);
      });
    });
}
