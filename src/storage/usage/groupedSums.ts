import type { Hour, MeterId } from "../../domain/ids.ts";
import type {
  CountingMeter,
  SumDimension,
  SumQuery,
  SumTime,
  UsageSegment,
  UsageSum,
} from "../../domain/usage/store.ts";
import { HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds } from "./entries.ts";
import { meterList, type UsageSums } from "./sums.ts";
import { quoted, tsvField } from "./tsv.ts";

export const SEGMENT_STRUCTURE = "registration UInt32, local_subscription String, from_s UInt32, to_s UInt32";

export const segmentLine = ({ registration, localSubscription, from, to }: UsageSegment): string =>
  `${registration}\t${localSubscription}\t${hourSeconds(from)}\t${hourSeconds(to)}\n`;

/**
 * The hours of a row as the first second of the stretch that they lie in, cut wherever any segment begins or ends: such a
 * stretch lies inside one segment or outside of all, and there are few. 0 for local subscriptions that are not among the
 * cut ones.
 */
export function stretchColumn(time: string, segments: readonly UsageSegment[], cutLocals: string): string {
  const bounds = new Set(segments.flatMap(({ from, to }) => [hourSeconds(from), hourSeconds(to)]));
  const begins = [1, ...[...bounds].sort((a, b) => a - b)];
  const isCut = `(registration, toString(local_subscription)) in ${cutLocals}`;
  return `if(${isCut}, roundDown(${time}, [${begins.join(", ")}]), 0)`;
}

/** Dimensions that only entries tell, as columns over them. */
const OF_ENTRIES: Readonly<Partial<Record<SumDimension, string>>> = {
  resource: "lowerUTF8(toString(resource_uri)) as resource, toString(resource_uri) as uri",
  location: "toString(location) as place",
};

const COLUMN_OF: Readonly<Record<SumDimension, string>> = {
  registration: "registration",
  localSubscription: "local_subscription",
  resource: "resource",
  location: "place",
  tag: "tag",
};

const BUCKET: Readonly<Record<SumTime, (time: string) => string>> = {
  hour: (time) => time,
  day: (time) => `${time} - ${time} % 86400`,
  month: (time) => `toUnixTimestamp(toDateTime(toStartOfMonth(toDateTime(${time}, 'UTC')), 'UTC'))`,
};

/** The value of a tag as text; what is no text is told as JSON. @param name a query of one text */
export const tagValue = (name: string): string =>
  `if(JSONHas(toString(tags), ${name}), if(JSONType(toString(tags), ${name}) = 'String',
    JSONExtractString(toString(tags), ${name}), JSONExtractRaw(toString(tags), ${name})), null)`;

/** With more than this a list of them costs more than it leaves out: a join leaves out all others anyway. */
const LOCALS_NAMED_MAX = 100;

/**
 * Leaves out what the segments cannot be of, by columns that an index can use: other registrations, and other local
 * subscriptions where those of the segments are few.
 */
export function placesOf(segments: readonly UsageSegment[]): { readonly condition: string; readonly isFew: boolean } {
  const registrations = new Set(segments.map(({ registration }) => registration));
  const locals = new Set(segments.map(({ localSubscription }) => localSubscription));
  const ofRegistrations = `registration in (${[...registrations].join(", ")})`;
  if (locals.size > LOCALS_NAMED_MAX) return { condition: ofRegistrations, isFew: false };
  return {
    condition: `${ofRegistrations} and local_subscription in (${[...locals].map(quoted).join(", ")})`,
    isFew: true,
  };
}

function ofSegments(segments: readonly UsageSegment[], locals: string): string {
  const { condition, isFew } = placesOf(segments);
  return isFew ? condition : `(registration, toString(local_subscription)) in ${locals}`;
}

interface Tables {
  readonly cutLocals: string;
  readonly locals: string;
  readonly segments: string;
  readonly tagName: string;
}

const GROUP_STRUCTURE = `${SEGMENT_STRUCTURE}, group_number UInt32`;

/** Sums of segments, told apart by the caller's groups and by dimensions. */
export async function groupedSums(engine: Engine, sums: UsageSums, query: SumQuery): Promise<readonly UsageSum[]> {
  const { scope, segments, by, tag } = query;
  if (segments.length === 0 || query.meters.length === 0) return [];
  const cut = segments.filter(({ from, to }) => from > scope.from || to < scope.to);
  const groupLine = ({ group, ...segment }: SumQuery["segments"][number]): string =>
    segmentLine(segment).replace("\n", `\t${group}\n`);
  return await engine.over(segments.map(groupLine).join(""), GROUP_STRUCTURE, (all) =>
    engine.over(cut.map(segmentLine).join(""), SEGMENT_STRUCTURE, (cutTable) =>
      engine.over(`${tsvField(tag)}\n`, "k String", async (tagTable) => {
        const ask = statement(query, cut, {
          cutLocals: `(select registration, local_subscription from ${cutTable})`,
          locals: `(select registration, local_subscription from ${all})`,
          segments: all,
          tagName: `(select k from ${tagTable})`,
        });
        const rows = await sums.ask<SumRow>(ask.sum, ask.query, (row) => row[5]);
        return rows.map((row) => sumFromRow(row, by));
      }),
    ),
  );
}

type SumRow = [number, number, string, string, number, number, ...(string | number | null)[]];

const sumFromRow = (
  [bucketS, group, meter, quantity, records, , ...values]: SumRow,
  by: readonly SumDimension[],
): UsageSum => ({
  hour: bucketS === 0 ? undefined : (((bucketS * SECOND_MS) / HOUR_MS) as Hour),
  group,
  meter: meter as MeterId,
  dimensions: Object.fromEntries(by.map((dimension, i) => [dimension, values[i] ?? null])),
  quantity,
  records,
});

function statement(
  { scope, segments, by, time, meters, isNarrow, offset, limit }: SumQuery,
  cut: readonly UsageSegment[],
  tables: Tables,
) {
  const isWhole = ({ from, to }: CountingMeter): boolean => from <= scope.from && to >= scope.to;
  const whole = meters.filter(isWhole).map(({ meter }) => meter);
  const partly = meters.filter((so) => !isWhole(so));
  const counting = [
    ...(whole.length === 0 ? [] : [`meter in (${meterList(whole)})`]),
    ...partly.map(({ meter, from, to }) => {
      return `(meter = '${meter}' and usage_start >= ${hourSeconds(from)} and usage_start < ${hourSeconds(to)})`;
    }),
  ];
  const among = isNarrow ? [ofSegments(segments, tables.locals)] : [];
  const ofEntries = by.flatMap((so) =>
    so === "tag" ? [`${tagValue(tables.tagName)} as tag`] : (OF_ENTRIES[so] ?? []),
  );
  const keys = by.map((so) => COLUMN_OF[so]);
  const uri = by.includes("resource");
  const sum = {
    scope,
    segments: cut,
    columns: (of: string) => [
      `${time === undefined ? "0" : BUCKET[time](of)} as bucket`,
      `${cut.length === 0 ? "0" : stretchColumn(of, cut, tables.cutLocals)} as stretch`,
      ...ofEntries,
    ],
    condition: [`held = 'no'`, `(${counting.join(" or ")})`, ...among].join(" and "),
    onlyEntries: time === "hour" || ofEntries.length > 0 || partly.length > 0,
  };
  const inner = [...new Set(["registration", "local_subscription", "meter", "bucket", "stretch", ...keys])].join(", ");
  const outer = ["bucket", "group_number", "meter", ...keys].map((key) => `r.${key}`.replace("r.group_", "s.group_"));
  // A row that tells a version past the scope must show, whatever the page leaves out.
  const newest = "max(max(r.newest)) over ()";
  const told = keys.map((key) => (key === "resource" ? "min(r.uri)" : `r.${key}`));
  const select = ["r.bucket", "s.group_number", "r.meter", "sum(r.q)", "sum(r.n) as told", newest, ...told];
  return {
    sum,
    query: (rows: string) => `select ${select.join(", ")}
      from (select ${inner}${uri ? ", min(uri) as uri" : ""}, sum(quantity) as q, sum(records) as n,
          max(version) as newest
        from ${rows} group by ${inner}) as r
      inner join ${tables.segments} as s
        on r.registration = s.registration and toString(r.local_subscription) = s.local_subscription
      where r.stretch = 0 or (r.stretch >= s.from_s and r.stretch < s.to_s)
      group by ${outer.join(", ")} having told != 0 or max(r.newest) > ${scope.lastBatch}
      order by ${outer.join(", ")} limit ${limit} offset ${offset}`,
  };
}
