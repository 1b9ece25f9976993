import type { Command } from "commander";
import type { AuditInfo } from "../../client/types.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine, printNote, printRows, styled } from "../output.ts";

interface Asked {
  readonly target?: string;
  readonly actor?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly before?: number;
  readonly limit: number;
}

export function addAudit(program: Command): void {
  const audit = program.command("audit").description("who did what, from where, and what was refused");

  audit
    .command("list")
    .description("list the audit, newest first")
    .option("--target <prefix>", "how the target starts, in any case")
    .option("--actor <who>", "name or object id")
    .option("--outcome <code>", "done, the code of a refusal, or refused for all of them")
    .option("--since <instant>", "not older than this, for example 2024-02-01T00:00:00Z")
    .option("--before <number>", "only records with a smaller number", wholeNumber)
    .option("--limit <n>", "how many records to show", wholeNumber, 50)
    .action((asked: Asked, command: Command) =>
      withClient(command, async (client, output) => {
        const { limit, ...filter } = asked;
        const size = Math.min(limit, LIMITS.pageRowsMax);
        const records: AuditInfo[] = [];
        let page: readonly AuditInfo[];
        do {
          const before = records.at(-1)?.number ?? filter.before;
          const wanted = Math.min(size, limit - records.length);
          page = await client.audit({ ...filter, ...(before === undefined ? {} : { before }), limit: wanted });
          records.push(...page);
        } while (page.length === size && records.length < limit);
        printRows(output, records, COLUMNS, "No record fits.");
        const last = records.at(-1);
        if (!output.json && records.length === limit && last !== undefined && last.number > 1) {
          printNote(`Older records: --before ${last.number}`);
        }
      }),
    );

  audit
    .command("verify")
    .description("follow the chain of hashes and tell the first record that is not as it was written")
    .option("--head <hash>", "a head that an earlier verification told, and that must still be there")
    .action(({ head }: { head?: string }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const result = await client.verifyAudit(head);
        if (json) printJson(result);
        const { broken, headFoundAt, records, unchained } = result;
        if (broken !== null) throw new Fault("AuditChainBroken", { number: broken.number, why: broken.explanation });
        if (head !== undefined && headFoundAt === null) {
          throw new Fault("AuditHeadNotFound", { head, number: result.head.number });
        }
        if (json) return;
        printLine(`${styled("green", "intact")}   ${grouped(records)} records are as they were written.`);
        if (unchained > 0)
          printLine(`${grouped(unchained)} of them are from before the chain; nothing protects these.`);
        if (headFoundAt !== null) printLine(`The noted head is record ${headFoundAt}.`);
        printLine(`head     ${result.head.hash} (record ${result.head.number}); note it elsewhere for the next time.`);
      }),
    );
}

const COLUMNS = [
  { title: "no", value: (so: AuditInfo) => String(so.number), align: "right" as const },
  { title: "at", value: (so: AuditInfo) => so.at },
  { title: "actor", value: (so: AuditInfo) => so.actor, cut: "end" as const },
  { title: "from", value: (so: AuditInfo) => so.address, cut: "end" as const },
  { title: "action", value: (so: AuditInfo) => so.action.split("/").slice(-2).join("/"), cut: "start" as const },
  { title: "outcome", value: (so: AuditInfo) => so.outcome },
  { title: "target", value: (so: AuditInfo) => so.target, cut: "start" as const },
];
