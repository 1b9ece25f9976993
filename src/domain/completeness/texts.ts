import type { Language } from "../faults/fault.ts";
import { BRIDGE_TEXTS } from "./bridgeTexts.ts";

export interface DiagnosisText {
  /** What was found, with the facts of it as `{placeholders}`. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: readonly string[];
}

const SERVER_TEXTS = {
  NothingReported: {
    en: {
      what: "no usage was ever delivered",
      remedy: ["Connect it: docs/guides/connect-a-stamp.md"],
    },
    "zh-Hans": { what: "从未送达任何用量", remedy: ["接入它：docs/guides/connect-a-stamp.md"] },
  },
  CursorStuck: {
    en: {
      what: "nothing newer than {until} was delivered: {hours} hours",
      remedy: [
        "Ask the bridge why: stampbook bridge status --config FILE, and stampbook doctor --config FILE",
        "Over an air gap: carry the next bundle.",
      ],
    },
    "zh-Hans": {
      what: "{until} 之后再没有送达任何用量：已有 {hours} 小时",
      remedy: [
        "在桥接器处查明原因：stampbook bridge status --config FILE 与 stampbook doctor --config FILE",
        "隔离网络：请带来下一个数据包。",
      ],
    },
  },
  Gap: {
    en: {
      what: "no usage from {from} to {to}: {hours} hours",
      remedy: ["If the stamp was not off, read the hours again: a bridge with a new stateFolder and startAt there"],
    },
    "zh-Hans": {
      what: "{from} 至 {to} 没有用量：{hours} 小时",
      remedy: ["若当时部署单元没有关机，请重新读取这些小时：用新的 stateFolder 并把 startAt 设到该处的桥接器"],
    },
  },
  ClockAhead: {
    en: {
      what: "usage came in {seconds} s before its reported window was over: the stamp's clock is ahead, or this machine's is behind",
      remedy: [
        "Ask the bridge how far: stampbook doctor --config FILE",
        "Set the time server of the stamp, or of this machine.",
      ],
    },
    "zh-Hans": {
      what: "有用量比其上报时段结束早 {seconds} 秒到达：部署单元的时钟偏快，或本机的时钟偏慢",
      remedy: ["在桥接器处查看偏差：stampbook doctor --config FILE", "校正部署单元或本机的时间服务器。"],
    },
  },
  VolumeFalling: {
    en: {
      what: "{newest} records in the day until {until}, {before} a day in the {days} days before",
      remedy: ["Compare with the stamp: were resources removed, or does its usage service lag?"],
    },
    "zh-Hans": {
      what: "截至 {until} 的一天有 {newest} 条记录，此前 {days} 天平均每天 {before} 条",
      remedy: ["与部署单元核对：是删除了资源，还是其用量服务滞后？"],
    },
  },
  SubscriptionsFalling: {
    en: {
      what: "usage of {newest} local subscriptions in the day until {until}, of {before} a day in the {days} days before",
      remedy: [
        "Compare with the stamp: were subscriptions removed, or does the bridge not see them? Its account needs Reader on the provider subscription.",
      ],
    },
    "zh-Hans": {
      what: "截至 {until} 的一天有 {newest} 个本地订阅的用量，此前 {days} 天平均每天 {before} 个",
      remedy: ["与部署单元核对：是删除了订阅，还是桥接器看不到它们？其帐户需要提供商订阅上的读者角色。"],
    },
  },
  TenantUnmapped: {
    en: {
      what: "the registration subscription pays for {records} records of tenant {tenant}",
      remedy: ["Map it if somebody else is to pay: stampbook tenants map"],
    },
    "zh-Hans": {
      what: "租户 {tenant} 的 {records} 条记录由注册订阅付费",
      remedy: ["若应由他人付费，请映射它：stampbook tenants map"],
    },
  },
} as const satisfies Record<string, Record<Language, DiagnosisText>>;

export const DIAGNOSIS_TEXTS = { ...SERVER_TEXTS, ...BRIDGE_TEXTS };
export type DiagnosisKind = keyof typeof DIAGNOSIS_TEXTS;

/** Why usage waits is told as everywhere (domain/faults/parkedText.ts). */
export const WAITING_TEXT: Readonly<Record<Language, string>> = {
  en: "{records} records of {name} wait: {meaning}",
  "zh-Hans": "{name} 的 {records} 条记录在等待：{meaning}",
};
export type WaitingKind =
  | "MeterUnpriced"
  | "MeterUnknown"
  | "LocalSubscriptionUnknown"
  | "Conflicts"
  | "CameAfterArchive";
