import type { Language } from "../faults/fault.ts";
import type { Level } from "../rating/priceTerms.ts";
import type { Payer } from "../tenancy/payer.ts";

/** A decision, and who recorded it when. */
interface ToldChange {
  readonly id: number;
  readonly recordedAt: string;
  readonly recordedBy: string;
  /** Null: from the beginning. */
  readonly countsFrom: string | null;
}

/** Why usage is on a statement, in figures and names that need no more looking up. */
export interface ToldReason {
  readonly stamp: string;
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly by: Payer["by"];
  readonly change: ToldChange | null;
  readonly withoutMapping: string;
  readonly localSubscriptions: readonly string[];
  readonly usage: readonly { readonly quantity: string; readonly unit: string; readonly meterName: string }[];
}

export interface ToldPayer {
  readonly number: string;
  readonly payer: string;
  readonly level: Level;
  readonly period: string;
  readonly knownUntil: string;
  readonly reasons: readonly ToldReason[];
  readonly reasonsInAll: number;
  readonly capacity: readonly string[];
}

/** Local subscriptions that are named in a sentence. */
const NAMED_MAX = 5;

interface Sentences {
  readonly beginning: (so: ToldPayer) => string;
  readonly chain: (so: ToldPayer) => string;
  readonly usage: (so: ToldReason, usage: string, where: string) => string;
  readonly because: Readonly<Record<Payer["by"], (so: ToldReason, change: ToldChange | null) => string>>;
  readonly otherwise: (so: ToldReason, payer: string) => string;
  readonly capacity: (stamp: string, payer: string) => string;
  readonly more: (count: number) => string;
  readonly others: (count: number) => string;
  readonly separator: string;
}

const ENGLISH: Sentences = {
  beginning: ({ number, payer, period, knownUntil }) =>
    `${payer} pays ${number} of ${period} for these reasons, as they were known until ${knownUntil}.`,
  chain: ({ payer, level }) =>
    `${payer} is on the ${level} level: it pays for the usage of the customers that the catalogue gives it. Their own statements say why each of them has it.`,
  usage: ({ stamp, tenant, from, to }, usage, where) =>
    `Stamp ${stamp}, tenant ${tenant}, from ${from} up to ${to}: ${usage}, in the local subscriptions ${where}.`,
  because: {
    mapping: (_, change) =>
      `The tenant is mapped to this payer: decision #${change!.id}, recorded ${change!.recordedAt} by ${change!.recordedBy}, counts from ${change!.countsFrom ?? "the beginning"}.`,
    "removed-mapping": ({ withoutMapping }, change) =>
      `The tenant's mapping was removed: decision #${change!.id}, recorded ${change!.recordedAt} by ${change!.recordedBy}, counts from ${change!.countsFrom ?? "the beginning"}. Since then the subscription that registered the stamp pays, ${withoutMapping}.`,
    "no-mapping": ({ withoutMapping }) =>
      `Nobody has mapped the tenant for these hours, so the subscription that registered the stamp pays, ${withoutMapping}.`,
  },
  otherwise: ({ by, withoutMapping }, payer) =>
    by !== "mapping"
      ? "With a mapping of the tenant, the customer it is mapped to would pay."
      : withoutMapping === payer
        ? "Without the mapping the same subscription would pay: it registered the stamp."
        : `Without the mapping the subscription that registered the stamp would pay, ${withoutMapping}.`,
  capacity: (stamp, payer) =>
    `Stamp ${stamp}: its capacity is paid for by the subscription that registered it, ${payer}.`,
  more: (count) => `${count} more reasons are not told here.`,
  others: (count) => `and ${count} more`,
  separator: ", ",
};

const SIMPLIFIED_CHINESE: Sentences = {
  beginning: ({ number, payer, period, knownUntil }) =>
    `${payer} 支付 ${period} 的 ${number}，原因如下（依据截至 ${knownUntil} 的已知信息）。`,
  chain: ({ payer, level }) =>
    `${payer} 属于${level === "reseller" ? "经销商" : "提供商"}层级：它为目录中归属于它的客户的用量付费。各客户的用量为何归于该客户，见客户自己的对账单。`,
  usage: ({ stamp, tenant, from, to }, usage, where) =>
    `部署单元 ${stamp}，租户 ${tenant}，自 ${from} 至 ${to}（不含）：${usage}，所在本地订阅为 ${where}。`,
  because: {
    mapping: (_, change) =>
      `该租户映射到此付款方：决定 #${change!.id}，由 ${change!.recordedBy} 于 ${change!.recordedAt} 记录，自 ${change!.countsFrom ?? "最初"} 起生效。`,
    "removed-mapping": ({ withoutMapping }, change) =>
      `该租户的映射已被移除：决定 #${change!.id}，由 ${change!.recordedBy} 于 ${change!.recordedAt} 记录，自 ${change!.countsFrom ?? "最初"} 起生效。此后由注册该部署单元的订阅 ${withoutMapping} 付费。`,
    "no-mapping": ({ withoutMapping }) =>
      `这些小时内没有人映射该租户，因此由注册该部署单元的订阅 ${withoutMapping} 付费。`,
  },
  otherwise: ({ by, withoutMapping }, payer) =>
    by !== "mapping"
      ? "如果映射该租户，则由所映射的客户付费。"
      : withoutMapping === payer
        ? "即使没有映射，也由同一订阅付费：它注册了该部署单元。"
        : `如果没有映射，则由注册该部署单元的订阅 ${withoutMapping} 付费。`,
  capacity: (stamp, payer) => `部署单元 ${stamp}：其容量由注册它的订阅 ${payer} 付费。`,
  more: (count) => `另有 ${count} 条原因未在此列出。`,
  others: (count) => `以及另外 ${count} 个`,
  separator: "、",
};

const SENTENCES: Readonly<Record<Language, Sentences>> = { en: ENGLISH, "zh-Hans": SIMPLIFIED_CHINESE };

/** The same in sentences: a paragraph for each reason. */
export function whyText(told: ToldPayer, language: Language): readonly string[] {
  const words = SENTENCES[language];
  const { payer, level, reasons, reasonsInAll, capacity } = told;
  const reasonText = (reason: ToldReason): string => {
    const { localSubscriptions: where, usage } = reason;
    const named = where.slice(0, NAMED_MAX);
    const rest = where.length - named.length;
    const places = [...named, ...(rest > 0 ? [words.others(rest)] : [])].join(words.separator);
    const amounts = usage.map(({ quantity, unit, meterName }) => `${quantity} ${unit} ${meterName}`);
    return [
      words.usage(reason, amounts.join(words.separator), places),
      words.because[reason.by](reason, reason.change),
      words.otherwise(reason, payer),
    ].join(" ");
  };
  const missing = reasonsInAll - reasons.length;
  return [
    words.beginning(told),
    ...(level === "customer" ? [] : [words.chain(told)]),
    ...reasons.map(reasonText),
    ...capacity.map((stamp) => words.capacity(stamp, payer)),
    ...(missing > 0 ? [words.more(missing)] : []),
  ];
}
