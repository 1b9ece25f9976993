import type { Command } from "commander";
import type { ApprovalListInfo, NotificationInfo } from "../../client/types.ts";
import { APPROVAL_STATES } from "../../domain/tenancy/approval.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printNote, printRows } from "../output.ts";

const ACTIONS = {
  request: "ask for multi-tenancy",
  approve: "grant it",
  deny: "refuse it; a reason is needed",
  revoke: "take it back: existing mappings stay and bill, new ones are refused; a reason is needed",
} as const;

export function addApprovals(program: Command): void {
  const approvals = program.command("approvals").description("approval of registrations for multi-tenancy");

  approvals
    .command("list")
    .description("list registrations by the state of their approval")
    .option("--state <state>", `only those in this state: ${APPROVAL_STATES.join(", ")}`)
    .action(({ state }: { state?: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "registration", value: (so: ApprovalListInfo) => so.name, cut: "end" as const },
          { title: "multi-tenancy", value: (so: ApprovalListInfo) => so.approval },
          { title: "since", value: (so: ApprovalListInfo) => so.lastAction?.recordedAt ?? "" },
          { title: "by", value: (so: ApprovalListInfo) => so.lastAction?.actor ?? "", cut: "end" as const },
          { title: "reason", value: (so: ApprovalListInfo) => so.lastAction?.reason ?? "", cut: "end" as const },
        ];
        const none = state === undefined ? "No stamp is registered yet." : `No registration is in state ${state}.`;
        printRows(output, await client.approvals(state), columns, none);
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

  addTelling(approvals);
  for (const [action, description] of Object.entries(ACTIONS)) {
    approvals
      .command(action)
      .description(description)
      .argument("<registration>", "number, name, cloud id or resource id")
      .option("--reason <text>", "why; it is kept")
      .action((registration: string, { reason }: { reason?: string }, command: Command) =>
        withClient(command, async (client, { json }) => {
          const result = await client.approval(registration, action, reason);
          if (json) return printJson(result);
          printLine(`Multi-tenancy of ${result.name}: ${result.approval}`);
          if (result.mail !== undefined) printNote(`What an approver needs: stampbook approvals text ${registration}`);
        }),
      );
  }
}

function addTelling(approvals: Command): void {
  approvals
    .command("text")
    .description("print what an approver needs to know, ready to be sent")
    .argument("<registration>", "number, name, cloud id or resource id")
    .action((registration: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const mail = await client.approvalText(registration);
        if (json) printJson(mail);
        else printLine(`${mail.subject}\n\n${mail.body.trimEnd()}`);
      }),
    );

  approvals
    .command("notifications")
    .description("what was told to the approvers' system, what waits, and what was given up")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "id", value: (so: NotificationInfo) => String(so.id), align: "right" as const },
          { title: "created", value: (so: NotificationInfo) => so.createdAt },
          { title: "state", value: (so: NotificationInfo) => so.state },
          { title: "attempts", value: (so: NotificationInfo) => String(so.attempts), align: "right" as const },
          { title: "next attempt", value: (so: NotificationInfo) => so.nextAttemptAt ?? "" },
          { title: "last error", value: (so: NotificationInfo) => so.lastError, cut: "end" as const },
        ];
        printRows(output, await client.notifications(), columns, "Nothing was to be told, or no webhook is set.");
      }),
    );
}
