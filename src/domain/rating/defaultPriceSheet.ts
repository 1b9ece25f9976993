import { decimal, ZERO } from "../../lib/decimal.ts";
import type { MeterId } from "../ids.ts";
import type { Price, PriceConfidence, PriceSheet } from "./priceSheet.ts";

/** Published prices per GB-month were converted to hours with this (contract/usage.md §7). */
const HOURS_PER_MONTH = decimal("720");

type Row = readonly [
  commerceMeter: string,
  name: string,
  unit: string,
  unitPrice: string,
  kind: "charged" | "per-month" | "free",
  confidence: PriceConfidence,
  note: string,
];

// The pay-as-you-use list prices in USD that public sources tell (contract/usage.md §9). "per-month": the meter counts
// hours and the price is for a month.
const ROWS: readonly Row[] = [
  ["fab6eb84500b4a09a8ca7358f8bbaea5", "Base VM Size Hours", "vCPU-hour", "0.008", "charged", "high", ""],
  ["fb8c0713ea2040bf901f5560fd3f6330", "Windows VM Size Hours", "vCPU-hour", "0.046", "charged", "high", "The whole price of a core; the base price is not added."],
  ["6dab500fa4fd49c4956d229bb9c8c793", "VM size hours", "VM-hour", "0", "free", "high", "Counts virtual machines; their cores are charged by the core meters."],
  ["8a913f3833b447729488e89522fc09e5", "BlockBlobCapacity", "GB-month", "0.006", "per-month", "high", ""],
  ["b5c153766c944fddb6551a69d138aca3", "PageBlobCapacity", "GB-month", "0.006", "per-month", "medium", "Published for blob storage without telling page from block blobs."],
  ["b4438d5d453b4ee1b42adc72e377f1e4", "TableCapacity", "GB-month", "0.018", "per-month", "high", ""],
  ["b03c6ae7b0804bfa84a322c800f315c6", "QueueCapacity", "GB-month", "0.018", "per-month", "high", ""],
  ["b9ff3cd028aa476284bbff8fbaea6a90", "TableTransactions", "10,000 requests", "0", "free", "high", "No transaction fee is published."],
  ["43daf82b4618444ab99440c23f7cd438", "BlobTransactions", "10,000 requests", "0", "free", "high", "No transaction fee is published."],
  ["eb43dd121aa64c4b872cfaf15a6785ea", "QueueTransactions", "10,000 requests", "0", "free", "high", "No transaction fee is published."],
  ["50a1aeaf8eca48a08973a5b3077fee0d", "TableDataTransIn", "GB", "0", "free", "medium", "Networking is not charged."],
  ["1b8c1decee42414baa366229cf199370", "TableDataTransOut", "GB", "0", "free", "medium", "Networking is not charged."],
  ["9764f92ce44a498e8dc1aad66587a810", "BlobDataTransIn", "GB", "0", "free", "medium", "Networking is not charged."],
  ["3023fef4eca54d7b87b3cfbc061931e8", "BlobDataTransOut", "GB", "0", "free", "medium", "Networking is not charged."],
  ["e518e809e3694a4592742017b29fff25", "QueueDataTransIn", "GB", "0", "free", "medium", "Networking is not charged."],
  ["dd0a10baa5d64cb688c07d585cef9fc2", "QueueDataTransOut", "GB", "0", "free", "medium", "Networking is not charged."],
  ["f271a8a388c44d93956a063e1d2fa80b", "Static IP Address Usage", "address-hour", "0", "free", "medium", "Networking is not charged."],
  ["9e2739ba86744796b465f64674b822ba", "Dynamic IP Address Usage", "address-hour", "0", "free", "medium", "Networking is not charged."],
  ["380874f9300c48e095a0d2d9a21ade8f", "S4 Disks", "disk-month", "0.32", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["7660b45bb29d49cbb81659f30fbab011", "P4 Disks", "disk-month", "0.32", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["1b77d90f427b4435b4f1d78adec53222", "S6 Disks", "disk-month", "0.64", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["817007fda077477fbc01b876f27205fd", "P6 Disks", "disk-month", "0.64", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["d5f7731bf639404a89d0e46186e22c8d", "S10 Disks", "disk-month", "1.28", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["e554b6bc96cd4938a5b50da990278519", "P10 Disks", "disk-month", "1.28", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["ff85ef31da5b4eac95dda69d6f97b18a", "S15 Disks", "disk-month", "2.56", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["cdc0f53a62a94472a06ce99a23b02907", "P15 Disks", "disk-month", "2.56", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["88ea9228457a4091adc9ad5194f30b6e", "S20 Disks", "disk-month", "5.12", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["b9cb2d1a84c24275aa8b70d2145d59aa", "P20 Disks", "disk-month", "5.12", "charged", "unsure", "Assumed: 0.01 for each provisioned GB, as for the 1,024 GB disk."],
  ["8b251e8fce5e4a58a6e52b8f0d176e3a", "M30 Disks", "disk-month", "10.24", "charged", "high", ""],
  ["7ba084ecef9c4d64a1797732c6cb5e28", "ActualStandardDiskSize", "GB-month", "0", "free", "unsure", "The tier meter of the same disk is charged instead."],
  ["daef389a06e54684a7f78813d9f792d5", "ActualPremiumDiskSize", "GB-month", "0", "free", "unsure", "The tier meter of the same disk is charged instead."],
  ["108fa95bbe0d4cd996e85b0d59505df1", "ActualStandardSnapshotSize", "GB-month", "0.006", "charged", "unsure", "Assumed to cost what blob storage costs."],
  ["578ae51d4ef942f985ae42b52d3d83ac", "ActualPremiumSnapshotSize", "GB-month", "0.006", "charged", "unsure", "Assumed to cost what blob storage costs."],
  ["190c935e9ada48ff9ab856ea1cf9adaa", "App Service", "vCPU-hour", "0.0564", "charged", "high", ""],
  ["cb6a35c5fade406cb14d6ddb7c4ca3d5", "Event Hubs core hours", "core-hour", "0", "free", "unsure", "No published price was found."],
  ["ebf13b9fb3ea46febf54396e93d48ab4", "Key Vault transactions", "10,000 requests", "0", "free", "unsure", "No published price was found."],
  ["2c354225b2fe42e5ad8914f0ea302c87", "Advanced keys transactions", "10,000 requests", "0", "free", "unsure", "No published price was found."],
  ["cbcfef9ab91f4597a4d301fe334bed82", "DatabaseSizeHourSqlMeter", "MB-hour", "0", "free", "medium", "Not on the published list; the operator prices it."],
  ["e6d8cfcd7734495eb1cc5ab0b9c24bd3", "DatabaseSizeHourMySqlMeter", "MB-hour", "0", "free", "medium", "Not on the published list; the operator prices it."],
];

const price = ([commerceMeter, name, unit, unitPrice, kind, confidence, note]: Row): Price => ({
  commerceMeter: commerceMeter as MeterId,
  name,
  unit,
  tiers: [{ from: ZERO, unitPrice: decimal(unitPrice) }],
  includedQuantity: ZERO,
  hoursPerMonth: kind === "per-month" ? HOURS_PER_MONTH : null,
  free: kind === "free",
  confidence,
  note,
});

const COMMERCE_METERS: readonly (readonly [local: string, commerce: string])[] = [
  ["9cd92d4cbafd4492b278bedc2de8232a", "fb8c0713ea2040bf901f5560fd3f6330"],
  ["5b1db88a859640028052347947c26940", "8b251e8fce5e4a58a6e52b8f0d176e3a"],
  ["06bde7249f9443c084c3d0fc54538369", "8b251e8fce5e4a58a6e52b8f0d176e3a"],
  ["09f8879e87e94305a5724b7be209f857", "8a913f3833b447729488e89522fc09e5"],
];

/** What Stampbook prices with until an operator brings a sheet. Rows of confidence "unsure" are marked everywhere. */
export const DEFAULT_PRICE_SHEET: PriceSheet = {
  id: "default-2019-12",
  name: "Azure Stack Hub pay-as-you-use list, December 2019, as public sources tell it",
  currency: "USD",
  // Microsoft's own reconciliation truncates each line to cents (contract/usage.md §7).
  rounding: { mode: "down", scale: 2 },
  prices: new Map(ROWS.map((row) => [row[0] as MeterId, price(row)])),
  commerceMeters: new Map(COMMERCE_METERS.map(([local, commerce]) => [local as MeterId, commerce as MeterId])),
};
