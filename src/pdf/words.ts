import type { Language } from "../domain/faults/fault.ts";
import type { Level } from "../domain/rating/priceTerms.ts";
import type { CauseKind } from "../domain/statement/correction.ts";
import type { ChargeKind } from "../domain/statement/charges.ts";

/** Everything that a document says beside its own content. */
export interface DocumentWords {
  readonly statement: string;
  readonly correction: string;
  readonly levels: Readonly<Record<Level, string>>;
  readonly facts: {
    readonly issuer: string;
    readonly payer: string;
    readonly level: string;
    readonly partner: string;
    readonly period: string;
    readonly currency: string;
    readonly state: string;
    readonly known: string;
    readonly priceSheet: string;
    readonly lines: string;
    readonly corrects: string;
    readonly issuedIn: string;
    readonly reason: string;
  };
  /** From and up to, without it. */
  readonly hours: (from: string, to: string) => string;
  readonly closedAt: (instant: string) => string;
  readonly issuedAt: (instant: string) => string;
  readonly correctsNothing: string;
  readonly total: string;
  readonly debit: string;
  readonly credit: string;
  readonly stamp: string;
  readonly subtotal: (stamp: string) => string;
  readonly byStamp: string;
  readonly byMeter: string;
  readonly columns: {
    readonly line: string;
    readonly meter: string;
    readonly unit: string;
    readonly quantity: string;
    readonly unitPrice: string;
    readonly per: string;
    readonly tier: string;
    readonly amount: string;
    readonly priceVersion: string;
    readonly mapping: string;
    readonly quantityWas: string;
    readonly quantityIs: string;
    readonly amountWas: string;
    readonly amountIs: string;
    readonly difference: string;
    readonly because: string;
    readonly cause: string;
    readonly recordedAt: string;
    readonly recordedBy: string;
  };
  readonly kinds: Readonly<Record<Exclude<ChargeKind, "usage">, string>>;
  readonly included: string;
  readonly listPrice: (price: string) => string;
  readonly hoursPerMonth: (hours: string) => string;
  readonly at: (price: string) => string;
  readonly none: string;
  readonly mappings: (numbers: string) => string;
  readonly noMapping: string;
  readonly causesHeading: string;
  readonly causes: Readonly<Record<CauseKind, string>>;
  readonly changes: (count: number) => string;
  readonly unverified: string;
  readonly mappingNote: string;
  readonly hash: string;
  readonly hashNote: string;
  readonly page: (page: number, pages: number) => string;
}

const ENGLISH: DocumentWords = {
  statement: "Statement",
  correction: "Correction",
  levels: { customer: "customer", reseller: "reseller", provider: "provider" },
  facts: {
    issuer: "Issuer",
    payer: "Payer",
    level: "Level",
    partner: "Partner",
    period: "Billing period",
    currency: "Currency",
    state: "State",
    known: "Known until",
    priceSheet: "Price sheet",
    lines: "Lines",
    corrects: "Corrects",
    issuedIn: "Issued in",
    reason: "Reason",
  },
  hours: (from, to) => `${from} up to ${to}`,
  closedAt: (instant) => `closed ${instant}`,
  issuedAt: (instant) => `issued ${instant}`,
  correctsNothing: "nothing: the payer had no statement of this period",
  total: "Total",
  debit: "Debit",
  credit: "Credit",
  stamp: "Stamp",
  subtotal: (stamp) => `Subtotal of ${stamp}`,
  byStamp: "By stamp",
  byMeter: "By meter",
  columns: {
    line: "Line",
    meter: "Meter",
    unit: "Unit",
    quantity: "Quantity",
    unitPrice: "Unit price",
    per: "Per",
    tier: "Tier",
    amount: "Amount",
    priceVersion: "Price version",
    mapping: "Mapping",
    quantityWas: "Quantity was",
    quantityIs: "Quantity is",
    amountWas: "Amount was",
    amountIs: "Amount is",
    difference: "Difference",
    because: "Because of",
    cause: "Cause",
    recordedAt: "Recorded",
    recordedBy: "By",
  },
  kinds: { minimum: "up to the minimum", capacity: "capacity" },
  included: "included",
  listPrice: (price) => `list price ${price}`,
  hoursPerMonth: (hours) => `${hours} hours a month`,
  at: (price) => `at ${price}`,
  none: "–",
  mappings: (numbers) => `mapping ${numbers}`,
  noMapping: "no mapping",
  causesHeading: "What has changed since",
  causes: {
    LateUsage: "late usage",
    Withdrawal: "withdrawal",
    Choice: "choice between versions",
    LocalSubscription: "local subscription",
    Mapping: "mapping",
    BillingModel: "billing model",
    Meter: "meter",
    MeterMapping: "pricing of a meter",
    Catalogue: "catalogue",
    Price: "price",
    Tiers: "other tiers",
  },
  changes: (count) => `${count} changes`,
  unverified: "* Nobody has verified this price.",
  mappingNote:
    "Mapping: the numbers of the decisions by which this payer pays for the stamp's usage. Without one, usage is paid for by the stamp's registration subscription.",
  hash: "Content hash (SHA-256)",
  hashNote: "The hash is made from the document's content, which the same document as JSON has in full.",
  page: (page, pages) => `Page ${page} of ${pages}`,
};

const SIMPLIFIED_CHINESE: DocumentWords = {
  statement: "对账单",
  correction: "更正单",
  levels: { customer: "客户", reseller: "经销商", provider: "提供商" },
  facts: {
    issuer: "出具方",
    payer: "付款方",
    level: "层级",
    partner: "合作伙伴",
    period: "计费周期",
    currency: "币种",
    state: "状态",
    known: "数据截至",
    priceSheet: "价目表",
    lines: "行数",
    corrects: "更正对象",
    issuedIn: "出具周期",
    reason: "原因",
  },
  hours: (from, to) => `${from} 至 ${to}（不含）`,
  closedAt: (instant) => `已关闭，${instant}`,
  issuedAt: (instant) => `已出具，${instant}`,
  correctsNothing: "无：付款方在该周期没有对账单",
  total: "合计",
  debit: "借记",
  credit: "贷记",
  stamp: "部署单元",
  subtotal: (stamp) => `${stamp} 小计`,
  byStamp: "按部署单元",
  byMeter: "按计量项",
  columns: {
    line: "行",
    meter: "计量项",
    unit: "单位",
    quantity: "数量",
    unitPrice: "单价",
    per: "计价单位",
    tier: "阶梯",
    amount: "金额",
    priceVersion: "价格版本",
    mapping: "映射",
    quantityWas: "原数量",
    quantityIs: "现数量",
    amountWas: "原金额",
    amountIs: "现金额",
    difference: "差额",
    because: "原因",
    cause: "原因",
    recordedAt: "记录时间",
    recordedBy: "记录人",
  },
  kinds: { minimum: "补足最低金额", capacity: "容量" },
  included: "包含额度",
  listPrice: (price) => `目录价 ${price}`,
  hoursPerMonth: (hours) => `每月 ${hours} 小时`,
  at: (price) => `单价 ${price}`,
  none: "–",
  mappings: (numbers) => `映射 ${numbers}`,
  noMapping: "无映射",
  causesHeading: "自上一份单据以来的变化",
  causes: {
    LateUsage: "迟到的用量",
    Withdrawal: "撤回",
    Choice: "版本选择",
    LocalSubscription: "本地订阅",
    Mapping: "映射",
    BillingModel: "计费模式",
    Meter: "计量项",
    MeterMapping: "计量项的计价",
    Catalogue: "目录",
    Price: "价格",
    Tiers: "阶梯变动",
  },
  changes: (count) => `${count} 项变更`,
  unverified: "* 该价格尚未经人核实。",
  mappingNote: "映射：由该付款方为此部署单元用量付费的决定编号。没有映射时，由部署单元的注册订阅付费。",
  hash: "内容哈希（SHA-256）",
  hashNote: "哈希由单据内容计算得出；同一单据的 JSON 文件含有全部内容。",
  page: (page, pages) => `第 ${page} 页，共 ${pages} 页`,
};

export const WORDS: Readonly<Record<Language, DocumentWords>> = { en: ENGLISH, "zh-Hans": SIMPLIFIED_CHINESE };
