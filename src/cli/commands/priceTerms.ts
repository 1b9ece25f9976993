import { type Command, InvalidArgumentError } from "commander";
import type {
  AssignmentInfo,
  FxRateInfo,
  NewAssignmentInfo,
  TermsInfo,
  UnpricedMeterInfo,
} from "../../client/priceTypes.ts";
import { withClient } from "../command.ts";
import { periodName } from "../arguments.ts";
import { printJson, printLine, printRows } from "../output.ts";

/** Who is priced by which sheet and on which terms, and what nobody prices. */
export function addPriceTerms(prices: Command): void {
  addAssigning(prices);
  addRates(prices);
  prices
    .command("unpriced")
    .description("list the meters with usage that waits for a price, and how much of it")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "meter", value: (so: UnpricedMeterInfo) => so.meter },
          { title: "name", value: (so: UnpricedMeterInfo) => so.name, cut: "end" as const },
          { title: "quantity", value: (so: UnpricedMeterInfo) => so.quantity, align: "right" as const },
          { title: "unit", value: (so: UnpricedMeterInfo) => so.unit },
          { title: "records", value: (so: UnpricedMeterInfo) => String(so.records), align: "right" as const },
          { title: "stamps", value: (so: UnpricedMeterInfo) => String(so.registrations), align: "right" as const },
          { title: "from", value: (so: UnpricedMeterInfo) => so.from ?? "" },
        ];
        printRows(output, await client.prices.unpriced(), columns, "No usage waits for a price.");
      }),
    );
}

const partyText = ({ party: { kind, id } }: AssignmentInfo): string => (id === "" ? kind : `${kind} ${id}`);

function termsText(terms: TermsInfo | null): string {
  if (terms === null) return "by what is less specific";
  const { sheet, region, markups, creditPercent, billingCurrency } = terms;
  return [
    sheet,
    ...(region === null ? [] : [`region ${region}`]),
    ...markups.map(({ commerceMeter, percent, absolute }) => {
      const amount = absolute === "0" ? "" : ` + ${absolute}`;
      return `${commerceMeter === null ? "" : `${commerceMeter} `}mark-up ${percent} %${amount}`;
    }),
    ...(creditPercent === "0" ? [] : [`credit ${creditPercent} %`]),
    ...(billingCurrency === null ? [] : [`in ${billingCurrency}`]),
  ].join(", ");
}

interface AssignOptions {
  readonly customer?: string;
  readonly stamp?: string;
  readonly reseller?: string;
  readonly partner?: string;
  readonly everyone?: boolean;
  readonly level?: string;
  readonly end?: boolean;
  readonly region?: string;
  readonly markup?: string;
  readonly markupAmount?: string;
  readonly meterMarkup?: readonly string[];
  readonly credit?: string;
  readonly currency?: string;
  readonly from?: string;
  readonly reason: string;
  readonly correction?: boolean;
}

/** @throws InvalidArgumentError */
function partyOf(options: AssignOptions): NewAssignmentInfo["party"] {
  const named = (["customer", "stamp", "reseller", "partner"] as const).filter((kind) => options[kind] !== undefined);
  const count = named.length + (options.everyone === true ? 1 : 0);
  if (count !== 1) {
    throw new InvalidArgumentError("one of --customer, --stamp, --reseller, --partner and --everyone is needed");
  }
  const [kind] = named;
  return kind === undefined ? { kind: "everyone" } : { kind, id: options[kind]! };
}

function markupsOf({ markup, markupAmount, meterMarkup = [] }: AssignOptions): NewAssignmentInfo["markups"] {
  const own = meterMarkup.map((text) => {
    const [, commerceMeter = "", percent = "", absolute] = /^([^=]+)=([^+]*)(?:\+(.+))?$/.exec(text) ?? [];
    if (commerceMeter === "")
      throw new InvalidArgumentError("--meter-markup needs METER=PERCENT or METER=PERCENT+AMOUNT");
    return { commerceMeter, ...(percent === "" ? {} : { percent }), ...(absolute === undefined ? {} : { absolute }) };
  });
  if (markup === undefined && markupAmount === undefined) return own;
  return [
    ...own,
    {
      ...(markup === undefined ? {} : { percent: markup }),
      ...(markupAmount === undefined ? {} : { absolute: markupAmount }),
    },
  ];
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

function addAssigning(prices: Command): void {
  prices
    .command("assign")
    .description("say by which sheet, mark-up and credit somebody's usage is priced from an hour on")
    .argument("[sheet]", "left out with --end")
    .requiredOption("--reason <text>", "why")
    .option("--customer <subscription>", "for a customer subscription; beats all others")
    .option("--stamp <registration>", "for what a stamp sends")
    .option("--reseller <name>", "for the customers of a reseller")
    .option("--partner <name>", "for the customers of a partner")
    .option("--everyone", "for whoever nothing more is said of")
    .option("--level <level>", "who pays by it: customer, reseller or provider; customer unless said")
    .option("--region <name>", "prices of this region count before those of none")
    .option("--markup <percent>", "what is laid on each list price; below 0 takes off")
    .option("--markup-amount <amount>", "what is laid on after that, per unit")
    .option("--meter-markup <meter=percent[+amount]>", "for one commerce meter; can be repeated", collect)
    .option("--credit <percent>", "taken off every unit price")
    .option("--currency <code>", "what the statement is in; the sheet's unless said")
    .option("--from <time>", "the first usage hour that it counts for; the next whole hour unless said")
    .option("--correction", "it is meant to count in a closed period, to put right what was wrong")
    .option("--end", "what is less specific counts again")
    .action((sheet: string | undefined, options: AssignOptions, command: Command) =>
      withClient(command, async (client, { json }) => {
        if ((sheet === undefined) !== (options.end === true)) {
          throw new InvalidArgumentError("either a sheet or --end is needed");
        }
        const { level, region, credit, currency, from, reason, correction } = options;
        const result = await client.prices.assign({
          party: partyOf(options),
          sheet: sheet ?? null,
          markups: markupsOf(options) ?? [],
          reason,
          ...(level === undefined ? {} : { level }),
          ...(region === undefined ? {} : { region }),
          ...(credit === undefined ? {} : { creditPercent: credit }),
          ...(currency === undefined ? {} : { billingCurrency: currency }),
          ...(from === undefined ? {} : { from }),
          ...(correction === undefined ? {} : { correction }),
        });
        if (json) printJson(result);
        else printLine(result.changed ? "The assignment was recorded." : "It is so already.");
      }),
    );

  prices
    .command("assignments")
    .description("list every assignment, in the order of recording")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "level", value: (so: AssignmentInfo) => so.level },
          { title: "for", value: partyText },
          { title: "priced by", value: (so: AssignmentInfo) => termsText(so.terms) },
          { title: "from hour", value: (so: AssignmentInfo) => so.from ?? "the beginning" },
          { title: "recorded", value: (so: AssignmentInfo) => so.recordedAt },
          { title: "by", value: (so: AssignmentInfo) => so.recordedBy, cut: "end" as const },
          { title: "reason", value: (so: AssignmentInfo) => so.reason, cut: "end" as const },
        ];
        const none = "Nobody has assigned a price sheet: the built-in one counts for everyone.";
        printRows(output, await client.prices.assignments(), columns, none);
      }),
    );
}

function addRates(prices: Command): void {
  const fx = prices.command("fx").description("rates between currencies, fixed for a billing period");
  fx.command("list")
    .description("list every rate, in the order of recording")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "period", value: (so: FxRateInfo) => so.period },
          { title: "from", value: (so: FxRateInfo) => so.from },
          { title: "to", value: (so: FxRateInfo) => so.to },
          { title: "rate", value: (so: FxRateInfo) => so.rate, align: "right" as const },
          { title: "recorded", value: (so: FxRateInfo) => so.recordedAt },
          { title: "by", value: (so: FxRateInfo) => so.recordedBy, cut: "end" as const },
          { title: "reason", value: (so: FxRateInfo) => so.reason, cut: "end" as const },
        ];
        printRows(output, await client.prices.fxRates(), columns, "No rate is fixed.");
      }),
    );
  fx.command("set")
    .description("fix what one unit of a currency is worth in another")
    .argument("<period>", "for example 2024-02", periodName)
    .argument("<from>")
    .argument("<to>")
    .argument("<rate>", "units of the second currency for one of the first")
    .requiredOption("--reason <text>", "why, for example where the rate is from")
    .action((...given: [string, string, string, string, { reason: string }, Command]) => {
      const [period, from, to, rate, { reason }, command] = given;
      return withClient(command, async (client, { json }) => {
        const result = await client.prices.setFxRate({ period, from, to, rate, reason });
        if (json) printJson(result);
        else printLine(result.changed ? "The rate was recorded." : "It is so already.");
      });
    });
}
