import type { AttributedHours, AttributedUsage, FileFormat, UsageFiles } from "../../domain/usage/files.ts";
import type { Engine } from "./engine.ts";
import { VERSION } from "./entries.ts";
import { segmentLine, SEGMENT_STRUCTURE } from "./groupedSums.ts";
import { archivesIn, type Ledger, overLedger } from "./ledger.ts";
import { scopeCondition } from "./sums.ts";
import { quoted } from "./tsv.ts";

const HOURS_STRUCTURE = `${SEGMENT_STRUCTURE}, tenant String, payer String, paid_by String, mapping UInt64, model String`;

const hoursLine = (so: AttributedHours): string =>
  segmentLine(so).replace(
    "\n",
    `\t${so.tenant}\t${so.payer}\t${so.paidBy}\t${so.mappingChange ?? 0}\t${so.billingModel}\n`,
  );

/** The same texts as `withoutFormula` leaves alone and changes (lib/csvFormula.ts). */
const withoutFormulaSql = (text: string): string =>
  `if(match(${text}, '^\\'*[=+\\\\-@\\t\\r＝＋－＠]'), concat('\\'', ${text}), ${text})`;

const asMeter = (text: string): string =>
  `replaceRegexpOne(${text}, '^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$',
    '\\\\1-\\\\2-\\\\3-\\\\4-\\\\5')`;

/** What is told of a record: the name of the column, whether it is text, and its value. */
type Told = readonly [name: string, kind: "text" | "time" | "value", sql: string];

const toldOf = (names: AttributedUsage["stampNames"]): readonly Told[] => [
  ["Stamp", "text", stampName(names)],
  ["UsageHour", "time", "r.usage_start"],
  ["ReportedFrom", "time", "r.reported_start"],
  ["ReportedTo", "time", "r.reported_end"],
  ["LocalSubscriptionId", "text", "r.local"],
  ["MeterId", "text", asMeter("toString(r.meter)")],
  ["ResourceUri", "text", "toString(r.resource_uri)"],
  ["Location", "text", "toString(r.location)"],
  ["Tags", "text", "toString(r.tags)"],
  ["AdditionalInfo", "text", "toString(r.additional_info)"],
  ["Quantity", "value", "toDecimal128OrNull(toString(r.quantity), 18)"],
  ["ExactQuantity", "value", "toString(r.quantity)"],
  [
    "State",
    "value",
    "transform(toString(r.held), ['no', 'conflict', 'archived'], ['counted', 'conflict', 'late'], '')",
  ],
  ["TenantId", "text", "nullIf(s.tenant, '')"],
  ["PayerSubscriptionId", "text", "nullIf(s.payer, '')"],
  ["PaidBy", "value", "nullIf(s.paid_by, '')"],
  ["MappingChange", "value", "nullIf(s.mapping, 0)"],
  ["BillingModel", "value", "nullIf(s.model, '')"],
  ["Delivery", "value", "r.delivery"],
  ["Position", "value", "r.position"],
  ["AcceptedAt", "time", "r.accepted_at"],
];

function stampName(names: AttributedUsage["stampNames"]): string {
  const list = (values: Iterable<string>): string => `[${[...values].join(", ")}]`;
  if (names.size === 0) return "toString(r.registration)";
  const known = list([...names.keys()].map(String));
  return `transform(r.registration, ${known}, ${list([...names.values()].map(quoted))}, toString(r.registration))`;
}

/** Times of Parquet have a type of their own only with milliseconds. */
function columnSql([name, kind, sql]: Told, format: FileFormat): string {
  const time = format === "csv" ? `toDateTime(${sql}, 'UTC')` : `toDateTime64(${sql}, 3, 'UTC')`;
  const text = format === "csv" ? withoutFormulaSql(`(${sql})`) : sql;
  return `${kind === "time" ? time : kind === "text" ? text : sql} as ${name}`;
}

function attributedSql({ once, asStored }: Ledger, hours: string, usage: AttributedUsage, format: FileFormat): string {
  const inScope = scopeCondition(usage.scope);
  const columns = toldOf(usage.stampNames).map((told) => columnSql(told, format));
  const version = VERSION.replace(/\w+/g, "r.$&");
  return `select ${columns.join(",\n    ")}
    from (select *, toString(local_subscription) as local, toUInt32(toUnixTimestamp(usage_start)) as hour_s
      from ${once} where ${inScope} and sign = 1) as r
    asof left join (select * from ${hours}) as s
      on r.registration = s.registration and r.local = s.local_subscription and r.hour_s >= s.from_s
    where (${version}, r.decision) not in (select ${VERSION}, ended from ${asStored} where ${inScope} and sign = -1)`;
}

/** Files over any engine. */
export class EngineFiles implements UsageFiles {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async writeAttributed(usage: AttributedUsage, format: FileFormat, path: string): Promise<void> {
    const { scope, segments } = usage;
    const source = { archives: archivesIn(scope), condition: scopeCondition(scope) };
    await overLedger(this.#engine, source, (ledger) =>
      this.#engine.over(segments.map(hoursLine).join(""), HOURS_STRUCTURE, (hours) =>
        this.#engine.exportFile(attributedSql(ledger, hours, usage, format), format, path),
      ),
    );
  }
}
