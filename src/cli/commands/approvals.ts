import type { Command } from "commander";
import type { RegistrationInfo } from "../../client/types.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printRows } from "../output.ts";

const ACTIONS = {
  request: "ask for multi-tenancy",
  approve: "grant it",
  deny: "refuse it",
  revoke: "take it back: existing mappings stay and bill, new ones are refused",
} as const;

export function addApprovals(program: Command): void {
  const approvals = program.command("approvals").description("approval of registrations for multi-tenancy");

  approvals
    .command("list")
    .description("list registrations by the state of their approval")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "registration", value: (so: RegistrationInfo) => so.name },
          { title: "multi-tenancy", value: (so: RegistrationInfo) => so.approval },
        ];
        printRows(output, await client.registrations(), columns, "No stamp is registered yet.");
      }),
    );

  approvals
    .command("history")
    .description("who did what, when and why")
    .argument("<registration>", "number, name, cloud id or resource id")
    .action((registration: string, _, command: Command) =>
      withClient(command, async (client, output) => {
        const column = (title: string) => ({ title, value: (so: Record<string, string>) => so[title] ?? "" });
        const columns = [column("recordedAt"), column("action"), column("actor"), column("reason")];
        printRows(output, await client.approvalHistory(registration), columns, "Nobody has asked for it yet.");
      }),
    );

  for (const [action, description] of Object.entries(ACTIONS)) {
    approvals
      .command(action)
      .description(description)
      .argument("<registration>", "number, name, cloud id or resource id")
      .option("--reason <text>", "why; it is kept")
      .action((registration: string, { reason }: { reason?: string }, command: Command) =>
        withClient(command, async (client, { json }) => {
          const result = await client.approval(registration, action, reason);
          if (json) printJson(result);
          else printLine(`Multi-tenancy of ${result.name}: ${result.approval}`);
        }),
      );
  }
}
