import type { Command } from "commander";
import { bridgeDiagnoses } from "../../bridge/status.ts";
import { readConfig } from "../../bridge/config.ts";
import type { Client } from "../../client/client.ts";
import type { RegistrationInfo } from "../../client/types.ts";
import type { UsageTotalInfo, UsageTotalsInfo } from "../../client/totalTypes.ts";
import { type Diagnosis, diagnose, type StampFacts } from "../../domain/bridge/doctor.ts";
import { DAY_MS, formatInstant, HOUR_MS, type InstantMs, parseInstant, systemClock } from "../../lib/instant.ts";
import { moment, wholeNumber } from "../arguments.ts";
import { globalOptions, withClient } from "../command.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { printJson, printLine, styled } from "../output.ts";

interface DoctorOptions {
  readonly days: number;
  readonly config?: string;
  readonly now?: InstantMs;
}

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "look for gaps, stuck cursors, skew, unmapped tenants, unpriced meters and falling volumes, and say what to do",
    )
    .option("--days <n>", "how many days back", wholeNumber, 7)
    .option("--config <file>", "look at the bridge of this configuration instead of the server")
    .option("--now <time>", "as of this instant; now unless given", moment)
    .action(async (options: DoctorOptions, command: Command) => {
      const nowMs = options.now ?? systemClock.now();
      if (options.config !== undefined) {
        tell(await bridgeDiagnoses(readConfig(options.config), nowMs), command);
        return;
      }
      await withClient(command, async (client) => {
        const found: Diagnosis[] = [];
        for (const stamp of await client.registrations()) {
          found.push(...diagnose(await factsOf(client, stamp, options.days, nowMs)));
        }
        tell(found, command);
      });
    });
}

/** Status 1 where there is something to do, so that a timer notices. */
function tell(found: readonly Diagnosis[], command: Command): void {
  if (globalOptions(command).json) printJson({ value: found });
  else if (found.length === 0) printLine("Nothing is wrong.");
  else {
    for (const { of, kind, what, remedy } of found) {
      printLine(`${styled("bold", of)}  ${styled("yellow", kind)}: ${what}\n  ${styled("green", "do")}  ${remedy}`);
    }
  }
  process.exitCode = (found.length === 0 ? EXIT_CODES.done : EXIT_CODES.refused).status;
}

const PAGE_ROWS = 1_000;

/** All pages of totals. */
async function totals(
  client: Client,
  of: Readonly<Record<string, string>>,
): Promise<{ readonly rows: readonly UsageTotalInfo[]; readonly freshness: UsageTotalsInfo["freshness"] }> {
  const rows: UsageTotalInfo[] = [];
  let after: number | undefined;
  let freshness: UsageTotalsInfo["freshness"] = [];
  do {
    const page = await client.totals.page({ ...of, limit: PAGE_ROWS, ...(after === undefined ? {} : { after }) });
    rows.push(...page.value);
    ({ freshness } = page);
    after = page.next;
  } while (after !== undefined);
  return { rows, freshness };
}

async function factsOf(client: Client, stamp: RegistrationInfo, days: number, nowMs: InstantMs): Promise<StampFacts> {
  const toMs = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
  const fromMs = toMs - days * DAY_MS;
  const registration = String(stamp.registration);
  const of = { from: formatInstant(fromMs), to: formatInstant(toMs), registration };
  const hours = await totals(client, { ...of, by: "hour" });
  const payers = await totals(client, { ...of, groupBy: "tenant,payer" });
  const records = new Map<InstantMs, number>();
  for (const { from, records: count } of hours.rows) {
    const hour = parseInstant(from)!;
    records.set(hour, (records.get(hour) ?? 0) + count);
  }
  const unmapped = new Map<string, number>();
  for (const { tenant = "", payer, records: count } of payers.rows) {
    if (payer === stamp.subscription) unmapped.set(tenant, (unmapped.get(tenant) ?? 0) + count);
  }
  const fresh = hours.freshness.find((so) => so.registration === stamp.registration)?.reportedUntil ?? undefined;
  const parked = await client.parked({ registration });
  return {
    registration: stamp.name,
    mapsTenants: stamp.approval === "approved",
    fromMs,
    nowMs,
    reportedUntilMs: fresh === undefined ? undefined : parseInstant(fresh),
    records,
    unmapped,
    waiting: parked.map(({ reason, meterName, localSubscription, records: count }) => ({
      reason,
      name: reason === "UnknownLocalSubscription" ? localSubscription : meterName,
      records: count,
    })),
  };
}
