import type { MeterId } from "../ids.ts";

/** What FOCUS calls one unit of each meter unit. GB are 2^30 bytes (contract/usage.md §5). */
const CONSUMED_UNITS = {
  "ip-hour": "IP Address-Hours",
  "gib-hour": "GiB-Hours",
  "10k-requests": "10000 Requests",
  gib: "GiB",
  "vcpu-hour": "vCPU-Hours",
  "vm-hour": "Hours",
  "disk-month": "Disk-Months",
  "disk-hour": "Disk-Hours",
  "gib-month": "GiB-Months",
  "byte-hour": "Byte-Hours",
  "mb-hour": "MB-Hours",
  "core-hour": "Core-Hours",
  "10-requests": "10 Requests",
  "gb-second": "GB-Seconds",
  hour: "Hours",
  "binding-hour": "Bindings",
  "site-hour": "Hours",
} as const;
export type MeterUnit = keyof typeof CONSUMED_UNITS;

/** `tool-only`: known from public tools, not from documentation. `deprecated`: stamps may still send it. */
export type MeterStatus = "active" | "deprecated" | "tool-only" | "deprecated-tool-only" | "obsolete-preview";

/** Where FOCUS puts the usage of a meter (contract/usage.md §10); all of it is inferred, none of it published. */
export interface FocusFacts {
  readonly serviceCategory: string;
  readonly serviceSubcategory: string;
  readonly serviceName: string;
  readonly consumedUnit: string;
}

/** What is known of a meter, whoever says so. */
export interface MeterFacts {
  readonly name: string;
  readonly resourceProvider: string;
  readonly unit: string;
  readonly focus: FocusFacts;
}

export interface Meter extends MeterFacts {
  readonly id: MeterId;
  readonly unit: MeterUnit;
  readonly status: MeterStatus;
}

/** Resource provider, and FOCUS's category, subcategory and service. */
const SERVICES = {
  addresses: ["Microsoft.Network", "Networking", "Network Infrastructure", "Public IP Addresses"],
  tables: ["Microsoft.Storage", "Databases", "NoSQL Databases", "Table Storage"],
  blobs: ["Microsoft.Storage", "Storage", "Object Storage", "Blob Storage"],
  queues: ["Microsoft.Storage", "Storage", "Storage Platforms", "Queue Storage"],
  machines: ["Microsoft.Compute", "Compute", "Virtual Machines", "Virtual Machines"],
  disks: ["Microsoft.Compute", "Storage", "Block Storage", "Managed Disks"],
  sql: ["Microsoft.SQLAdapter", "Databases", "Relational Databases", "SQL Databases"],
  mysql: ["Microsoft.MySQLAdapter", "Databases", "Relational Databases", "MySQL Databases"],
  events: ["Microsoft.EventHub", "Integration", "Messaging", "Event Hubs"],
  keys: ["Microsoft.KeyVault", "Security", "Secret Management", "Key Vault"],
  apps: ["Microsoft.Web", "Web", "Application Platforms", "App Service"],
  functions: ["Microsoft.Web", "Compute", "Serverless Compute", "Functions"],
} as const satisfies Record<string, readonly [string, string, string, string]>;

type Row = readonly [
  id: string,
  name: string,
  service: keyof typeof SERVICES,
  unit: MeterUnit,
  status: MeterStatus,
  consumedUnit?: string,
];

// contract/usage.md §5.
const ROWS: readonly Row[] = [
  ["f271a8a388c44d93956a063e1d2fa80b", "Static IP Address Usage", "addresses", "ip-hour", "active"],
  ["9e2739ba86744796b465f64674b822ba", "Dynamic IP Address Usage", "addresses", "ip-hour", "active"],
  ["f114cb19ea6440b5bcd7aee474b62853", "Public IP Address Usage", "addresses", "ip-hour", "obsolete-preview"],
  ["b4438d5d453b4ee1b42adc72e377f1e4", "TableCapacity", "tables", "gib-hour", "active"],
  ["b5c153766c944fddb6551a69d138aca3", "PageBlobCapacity", "blobs", "gib-hour", "active"],
  ["b03c6ae7b0804bfa84a322c800f315c6", "QueueCapacity", "queues", "gib-hour", "active"],
  ["09f8879e87e94305a5724b7be209f857", "BlockBlobCapacity", "blobs", "gib-hour", "active"],
  ["b9ff3cd028aa476284bbff8fbaea6a90", "TableTransactions", "tables", "10k-requests", "active"],
  ["50a1aeaf8eca48a08973a5b3077fee0d", "TableDataTransIn", "tables", "gib", "active"],
  ["1b8c1decee42414baa366229cf199370", "TableDataTransOut", "tables", "gib", "active"],
  ["43daf82b4618444ab99440c23f7cd438", "BlobTransactions", "blobs", "10k-requests", "active"],
  ["9764f92ce44a498e8dc1aad66587a810", "BlobDataTransIn", "blobs", "gib", "active"],
  ["3023fef4eca54d7b87b3cfbc061931e8", "BlobDataTransOut", "blobs", "gib", "active"],
  ["eb43dd121aa64c4b872cfaf15a6785ea", "QueueTransactions", "queues", "10k-requests", "active"],
  ["e518e809e3694a4592742017b29fff25", "QueueDataTransIn", "queues", "gib", "active"],
  ["dd0a10baa5d64cb688c07d585cef9fc2", "QueueDataTransOut", "queues", "gib", "active"],
  ["fab6eb84500b4a09a8ca7358f8bbaea5", "Base VM Size Hours", "machines", "vcpu-hour", "active"],
  ["9cd92d4cbafd4492b278bedc2de8232a", "Windows VM Size Hours", "machines", "vcpu-hour", "active"],
  ["6dab500fa4fd49c4956d229bb9c8c793", "VM size hours", "machines", "vm-hour", "active"],
  ["380874f9300c48e095a0d2d9a21ade8f", "S4", "disks", "disk-month", "active"],
  ["5d76e09f4567452a94cc7d1f097761f0", "S4", "disks", "disk-hour", "deprecated"],
  ["1b77d90f427b4435b4f1d78adec53222", "S6", "disks", "disk-month", "active"],
  ["dc9fc6a90782432ab8dc978130457494", "S6", "disks", "disk-hour", "deprecated"],
  ["d5f7731bf639404a89d0e46186e22c8d", "S10", "disks", "disk-month", "active"],
  ["e5572fce9f5849d7840cb168c0f01fff", "S10", "disks", "disk-hour", "deprecated"],
  ["ff85ef31da5b4eac95dda69d6f97b18a", "S15", "disks", "disk-month", "active"],
  ["9a8caedd11954cd580b4a4c22f9302b8", "S15", "disks", "disk-hour", "deprecated"],
  ["88ea9228457a4091adc9ad5194f30b6e", "S20", "disks", "disk-month", "active"],
  ["5938f8da0ecd4c488d5ac7c6c23546be", "S20", "disks", "disk-hour", "deprecated"],
  ["5b1db88a859640028052347947c26940", "S30", "disks", "disk-month", "active"],
  ["7705a158bd8b4b2bb4c20782343b81e6", "S30", "disks", "disk-hour", "deprecated"],
  ["1449632239cb4d33b67d39b0c2de0c8e", "S40", "disks", "disk-month", "tool-only"],
  ["d9aac1eba5d142f2b6179e3ea94fed88", "S40", "disks", "disk-hour", "deprecated-tool-only"],
  ["8c003d25afb44f21b1fa86a5b0f001c7", "S50", "disks", "disk-month", "tool-only"],
  ["a54899dd458e4a409abdf57cafd936a7", "S50", "disks", "disk-hour", "deprecated-tool-only"],
  ["7660b45bb29d49cbb81659f30fbab011", "P4", "disks", "disk-month", "active"],
  ["5c105f5fcbdf435cb49b3c7174856dcc", "P4", "disks", "disk-hour", "deprecated"],
  ["817007fda077477fbc01b876f27205fd", "P6", "disks", "disk-month", "active"],
  ["518b412b19274f25985f4aea24e55c4f", "P6", "disks", "disk-hour", "deprecated"],
  ["e554b6bc96cd4938a5b50da990278519", "P10", "disks", "disk-month", "active"],
  ["5cfb1fed090249e382179add946fd624", "P10", "disks", "disk-hour", "deprecated"],
  ["cdc0f53a62a94472a06ce99a23b02907", "P15", "disks", "disk-month", "active"],
  ["8de91c94f7404d9ab665bd5974fa08d4", "P15", "disks", "disk-hour", "deprecated"],
  ["b9cb2d1a84c24275aa8b70d2145d59aa", "P20", "disks", "disk-month", "active"],
  ["c7e7839c293b4761ae4c848eda91130b", "P20", "disks", "disk-hour", "deprecated"],
  ["06bde7249f9443c084c3d0fc54538369", "P30", "disks", "disk-month", "active"],
  ["9f502103adf44488b494456c95d23a9f", "P30", "disks", "disk-hour", "deprecated"],
  ["eecb2657e7e647f99b007f58fa8839cb", "P40", "disks", "disk-month", "tool-only"],
  ["043757fc049f4e8b837945bb203c36b1", "P40", "disks", "disk-hour", "deprecated-tool-only"],
  ["43626c21849b40fe8c01e19666059c38", "P50", "disks", "disk-month", "tool-only"],
  ["c0342c6f810b494285d36eaa561b6570", "P50", "disks", "disk-hour", "deprecated-tool-only"],
  ["7ba084ecef9c4d64a1797732c6cb5e28", "ActualStandardDiskSize", "disks", "gib-month", "active"],
  ["8a409390191340ae917b08d0f16f3c38", "ActualStandardDiskSize", "disks", "byte-hour", "deprecated"],
  ["daef389a06e54684a7f78813d9f792d5", "ActualPremiumDiskSize", "disks", "gib-month", "active"],
  ["1273b16f84584c348ce2a515de551ef6", "ActualPremiumDiskSize", "disks", "byte-hour", "deprecated"],
  ["108fa95bbe0d4cd996e85b0d59505df1", "ActualStandardSnapshotSize", "disks", "gib-month", "active"],
  ["89009682df7f44feaeb163fba3ddbf4c", "ActualStandardSnapshotSize", "disks", "byte-hour", "deprecated"],
  ["578ae51d4ef942f985ae42b52d3d83ac", "ActualPremiumSnapshotSize", "disks", "gib-month", "active"],
  ["95b0c03f8a8245248961ccfbf575f536", "ActualPremiumSnapshotSize", "disks", "byte-hour", "deprecated"],
  ["75d4b7071027440399866ec7c05579c8", "ActualStandardSnapshotSize", "disks", "gib-month", "deprecated"],
  ["5ca1cbb96f144e768be81ca91547965e", "ActualPremiumSnapshotSize", "disks", "gib-month", "deprecated"],
  ["cbcfef9ab91f4597a4d301fe334bed82", "DatabaseSizeHourSqlMeter", "sql", "mb-hour", "active"],
  ["e6d8cfcd7734495eb1cc5ab0b9c24bd3", "DatabaseSizeHourMySqlMeter", "mysql", "mb-hour", "active"],
  ["cb6a35c5fade406cb14d6ddb7c4ca3d5", "1 Core", "events", "core-hour", "active"],
  ["ebf13b9fb3ea46febf54396e93d48ab4", "Key Vault transactions", "keys", "10k-requests", "active"],
  ["2c354225b2fe42e5ad8914f0ea302c87", "Advanced keys transactions", "keys", "10k-requests", "active"],
  ["190c935e9ada48ff9ab856ea1cf9adaa", "App Service", "apps", "vcpu-hour", "active"],
  ["67cc4afc069148e1a4b8d744d1fedbde", "Functions Requests", "functions", "10-requests", "active"],
  ["d1d04836075c4f27bf650a1130ec60ed", "Functions - Compute", "functions", "gb-second", "active"],
  ["957e9f362c1445a1b6a11723ef71a01d", "Shared App Service Hours", "apps", "hour", "active"],
  ["539cdec7b4f549f6aac41f15cff0eda9", "Free App Service Hours", "apps", "hour", "active"],
  ["88039d51a2063a89e9dec5117e2d10a6", "Small Standard App Service Hours", "apps", "hour", "active"],
  ["83a2a13e478878dd5d552831b68ed825", "Medium Standard App Service Hours", "apps", "hour", "active"],
  ["1083b9dbe9bb24bea5e9d6fdd0ddefe6", "Large Standard App Service Hours", "apps", "hour", "active"],
  ["db658d61ef2d4888984372f5c774fd3c", "Small Basic App Service Hours", "apps", "hour", "tool-only"],
  ["27b01104e0df4f30a171f1b00ecb76b3", "Medium Basic App Service Hours", "apps", "hour", "tool-only"],
  ["50db6a925dff4c9b82388ea5fb1be107", "Large Basic App Service Hours", "apps", "hour", "tool-only"],
  ["26bd6580c3bd4e7e809258b28eb1bb94", "Small Premium App Service Hours", "apps", "hour", "tool-only"],
  ["a1cba406e83e45c3bd36485191c215d9", "Medium Premium App Service Hours", "apps", "hour", "tool-only"],
  ["a2104a9d5a784f8fa2df034bd43d602d", "Large Premium App Service Hours", "apps", "hour", "tool-only"],
  ["a91eed6cdbbc4532859c86de776433a4", "Extra Large Premium App Service Hours", "apps", "hour", "tool-only"],
  ["264acb47ad3847f8add347f01dc4f473", "SNI SSL", "apps", "binding-hour", "active"],
  ["60b42d72dc1c472c98956c516277edb4", "IP SSL", "apps", "binding-hour", "active"],
  ["73215a6cfa544284b9c17e8ec871cc5b", "Web Process", "apps", "site-hour", "active"],
  ["5887d39b02534e1283c703e1a93dffd9", "External Egress Bandwidth", "apps", "gib", "active", "GB"],
];

function factsOf(
  name: string,
  service: keyof typeof SERVICES,
  unit: MeterUnit,
  consumedUnit: string = CONSUMED_UNITS[unit],
): MeterFacts & { readonly unit: MeterUnit } {
  const [resourceProvider, serviceCategory, serviceSubcategory, serviceName] = SERVICES[service];
  return { name, resourceProvider, unit, focus: { serviceCategory, serviceSubcategory, serviceName, consumedUnit } };
}

/** The meters that Stampbook knows from the start, by canonical id. */
export const METERS: ReadonlyMap<MeterId, Meter> = new Map(
  ROWS.map(([id, name, service, unit, status, consumedUnit]) => [
    id as MeterId,
    { id: id as MeterId, status, ...factsOf(name, service, unit, consumedUnit) },
  ]),
);

/**
 * The last row of the contract's list is a family: each stamp computes the ids of its custom worker tiers, so that none
 * can be listed. A meter that an operator adds is taken for one of these where nothing else is said.
 */
export const CUSTOM_WORKER_TIER: MeterFacts = factsOf("Custom Worker Tiers", "apps", "hour");
