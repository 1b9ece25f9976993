import type { Language } from "../faults/fault.ts";

/** What is looked at before a period is closed, in order of precedence. */
export const CHECKS = ["conservation", "unpriced", "parked", "incomplete", "unverified", "batches"] as const;
export type CheckName = (typeof CHECKS)[number];

/** Nobody may go on in spite of it: usage that is lost is a defect, and what is lost is not known. */
export const isAcceptable = (check: CheckName): boolean => check !== "conservation";

/** One thing that a check found, as members that are shown. */
export type Finding = Readonly<Record<string, string | number | null>>;

export interface CheckResult {
  readonly check: CheckName;
  readonly passed: boolean;
  /** How many findings there are in all. */
  readonly count: number;
  /** The first of them. */
  readonly findings: readonly Finding[];
}

/** @param told how many findings are shown */
export const checked = (check: CheckName, findings: readonly Finding[], told: number): CheckResult => ({
  check,
  passed: findings.length === 0,
  count: findings.length,
  findings: findings.slice(0, told),
});

interface CheckText {
  readonly meaning: string;
  readonly remedy: readonly string[];
}

const TEXTS: Readonly<Record<Language, Readonly<Record<CheckName, CheckText>>>> = {
  en: {
    conservation: {
      meaning: "What is stored is not what is billed, unpriced by rule and parked: usage is missing.",
      remedy: ["This is a defect: keep the data folder as it is and report it. It cannot be accepted."],
    },
    unpriced: {
      meaning: "Usage of meters that the price sheet has no price for waits, and would be on no statement.",
      remedy: [
        "Give the meter a price, or map it to a commerce meter that has one: stampbook meters map.",
        "Or go on: the usage comes as a correction once it has a price.",
      ],
    },
    parked: {
      meaning: "Usage waits for somebody to resolve it, and would be on no statement.",
      remedy: [
        "See what waits and what it would cost: stampbook usage parked. Name the local subscription or the meter, or choose a version.",
        "Or go on: what is resolved later comes as a correction.",
      ],
    },
    incomplete: {
      meaning: "Stamps that reported before have hours without any reported usage.",
      remedy: [
        "Look whether the stamp is cut off, and deliver the usage of these hours.",
        "Or go on, if the stamp had no usage then: what comes later comes as a correction.",
      ],
    },
    unverified: {
      meaning: "Lines use prices that nobody has verified.",
      remedy: [
        "Compare the prices with your price list and confirm them: stampbook prices confirm",
        "Or go on with them.",
      ],
    },
    batches: {
      meaning: "Deliveries are still coming in, or came after one that is: they are not counted.",
      remedy: ["Wait until they are taken in, and close again.", "Or go on: they come as a correction."],
    },
  },
  "zh-Hans": {
    conservation: {
      meaning: "存储量不等于已计费、按规则不计价与待处理之和：有用量丢失。",
      remedy: ["这是缺陷：请保持数据文件夹原样并报告。此项不可接受后继续。"],
    },
    unpriced: {
      meaning: "价目表中没有价格的计量项的用量在等待，不会出现在任何对账单上。",
      remedy: [
        "为该计量项定价，或将其映射到有价格的商务计量项：stampbook meters map。",
        "或继续：定价后这些用量以更正单计入。",
      ],
    },
    parked: {
      meaning: "有用量等待处理，不会出现在任何对账单上。",
      remedy: [
        "查看等待的用量及其金额：stampbook usage parked。指明本地订阅或计量项，或选择一个版本。",
        "或继续：以后处理的用量以更正单计入。",
      ],
    },
    incomplete: {
      meaning: "曾经上报过的云环境存在没有任何上报用量的小时。",
      remedy: [
        "检查该云环境是否断连，并补交这些小时的用量。",
        "若当时确实没有用量，可继续：以后到达的用量以更正单计入。",
      ],
    },
    unverified: {
      meaning: "有行使用了未经核实的价格。",
      remedy: ["将价格与您的价目表核对并确认：stampbook prices。", "或按这些价格继续。"],
    },
    batches: {
      meaning: "仍有批次正在接收，或在其后到达：未计入。",
      remedy: ["等待接收完成后再次关账。", "或继续：它们以更正单计入。"],
    },
  },
};

export const checkText = (check: CheckName, language: Language): CheckText => TEXTS[language][check];
