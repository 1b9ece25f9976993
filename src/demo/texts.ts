import type { Language } from "../domain/faults/fault.ts";

/** What the demo tells its reader, besides what the commands print anyway. */
export interface DemoTexts {
  readonly title: (records: string, period: string, seed: number) => string;
  readonly steps: Readonly<
    Record<"register" | "approve" | "map" | "usage" | "again" | "bad" | "statements" | "explain", string>
  >;
  readonly refusals: string;
  readonly usage: string;
  readonly again: (duplicates: string, accepted: number) => string;
  readonly bad: (rejected: number) => string;
  readonly statements: (count: number, shown: number) => string;
  readonly unverified: string;
  readonly line: string;
  readonly resources: (seconds: string, perSecond: string, peakMiB: number) => string;
  readonly files: string;
  readonly next: string;
}

const ENGLISH: DemoTexts = {
  title: (records, period, seed) =>
    `One partner, a reseller, three stamps, ${period}: about ${records} records, seed ${seed}`,
  steps: {
    register: "Registering the stamps north and south (pay-as-you-use) and edge (Capacity)",
    approve: "Requesting and approving multi-tenancy",
    map: "Mapping tenants; one is mapped anew on the 14th at 10:20, one is removed on the 20th, one is never mapped",
    usage: "Taking in a month of hourly usage with late rows, repeats, conflicts and unknown meters",
    again: "Importing a file a second time",
    bad: "Importing a file of wrong records",
    statements: "Making the statements",
    explain: "Explaining a line of the tenant that changed its payer in the middle of the month",
  },
  refusals: "The eight refusals, each provoked once",
  usage: "Usage",
  again: (duplicates, accepted) =>
    `The same file again: ${duplicates} duplicates, ${accepted} accepted: nothing is counted twice.`,
  bad: (rejected) => `A file of wrong records: ${rejected} rejected, each with a code and what to do.`,
  statements: (count, shown) => `${count} statements; the ${shown} largest`,
  unverified: "Some default prices have no published source of their own; stampbook prices marks them.",
  line: "One line, down to its records",
  resources: (seconds, perSecond, peakMiB) =>
    `${seconds} s in all, ${perSecond} records/s from generator to durable store, at most ${peakMiB} MiB of memory in both processes`,
  files: "Where it is",
  next: "Try next",
};

const SIMPLIFIED_CHINESE: DemoTexts = {
  title: (records, period, seed) =>
    `一个合作伙伴、一个经销商、三个部署单元，${period}：约 ${records} 条记录，种子 ${seed}`,
  steps: {
    register: "注册部署单元 north 和 south（按用量）以及 edge（按容量）",
    approve: "申请并批准多租户",
    map: "映射租户；一个在 14 日 10:20 改由他人付费，一个在 20 日被移除，一个从未映射",
    usage: "接收一个月的每小时用量，含迟到、重复、冲突的行和未知计量器",
    again: "再次导入同一文件",
    bad: "导入一份错误记录的文件",
    statements: "生成对账单",
    explain: "解释月中更换付费方的租户的一行",
  },
  refusals: "八种拒绝，各触发一次",
  usage: "用量",
  again: (duplicates, accepted) => `再次导入同一文件：${duplicates} 条重复，${accepted} 条接受：没有重复计算。`,
  bad: (rejected) => `错误记录的文件：拒绝 ${rejected} 条，每条都有代码和处理办法。`,
  statements: (count, shown) => `${count} 份对账单；金额最大的 ${shown} 份`,
  unverified: "部分默认价格没有自己的公开来源；stampbook prices 会标出它们。",
  line: "一行对账单，直到其记录",
  resources: (seconds, perSecond, peakMiB) =>
    `共 ${seconds} 秒，从生成器到持久存储每秒 ${perSecond} 条记录，两个进程最多占用 ${peakMiB} MiB 内存`,
  files: "文件位置",
  next: "接下来可以试试",
};

export const DEMO_TEXTS: Readonly<Record<Language, DemoTexts>> = { en: ENGLISH, "zh-Hans": SIMPLIFIED_CHINESE };
