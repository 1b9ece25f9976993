import assert from "node:assert/strict";
import { CLOSING_LIMITS } from "./closingLimits.ts";
import { COMPARISON_LIMITS } from "./comparisonLimits.ts";
import { USAGE_QUESTION_LIMITS } from "./usageQuestionLimits.ts";

const KiB = 1_024;
const MiB = 1_024 * KiB;
const GiB = 1_024 * MiB;

export interface Limit {
  readonly value: number;
  readonly unit: string;
  readonly why: string;
}

/** Everything that can grow, once: docs/reference/limits.md is generated from this list. */
export const LIMIT_LIST = {
  intakeBodyBytesMax: {
    value: 1 * GiB,
    unit: "bytes after decompression",
    why: "One request is one batch; a longer file is sent in pieces, which also makes it resumable.",
  },
  compressedFramesMax: {
    value: 100_000,
    unit: "frames",
    why: "Each frame of a zstd body costs a decoder; one that compresses every record for itself still has room.",
  },
  intakePieceRecordsMax: {
    value: 5_000,
    unit: "records",
    why: "How many records of a batch are held in memory and made durable together.",
  },
  intakePieceBytesMax: {
    value: 16 * MiB,
    unit: "bytes",
    why: "The same for records that are larger than usual.",
  },
  intakeIdleMsMax: {
    value: 60_000,
    unit: "milliseconds",
    why: "A sender that has stopped sending may not keep its batch open: statements wait for it.",
  },
  intakeProblemsMax: {
    value: 1_000,
    unit: "records",
    why: "Records that an intake answer describes one by one; the others are counted.",
  },
  outcomeBytesHeldMax: {
    value: 16 * MiB,
    unit: "bytes",
    why: "Outcomes that wait for their reader: a sender that reads none of them can send about 150,000 records.",
  },
  idempotencyKeyCharsMax: { value: 255, unit: "characters", why: "An Idempotency-Key; real ones are GUIDs." },
  idempotentAnswersMax: {
    value: 1_000,
    unit: "answers",
    why: "Answers to requests with an Idempotency-Key that are kept for a registration; the newest ones stay.",
  },
  idempotentAnswerMsMax: {
    value: 24 * 3_600_000,
    unit: "milliseconds",
    why: "How long they are kept. Later the body is taken in again, and what is known is a duplicate.",
  },
  idempotentAnswerBytesMax: {
    value: 8 * MiB,
    unit: "bytes",
    why: "Of a longer answer the summary is kept. Stored compressed, which takes about a twentieth.",
  },
  recordBytesMax: { value: 256 * KiB, unit: "bytes", why: "A recorded Hub record has about 900 bytes." },
  recordDepthMax: {
    value: 32,
    unit: "levels",
    why: "A Hub record nests two levels; deeper JSON is an attack or a mistake.",
  },
  resourceUriCharsMax: { value: 2_048, unit: "characters", why: "Longer than any resource id that ARM allows." },
  eventIdCharsMax: { value: 1_024, unit: "characters", why: "An event's id; real ones are GUIDs or short paths." },
  eventSourceCharsMax: {
    value: 2_048,
    unit: "characters",
    why: "An event's source, type, subject or schema: as long as a resource id may be.",
  },
  quantityCharsMax: {
    value: 128,
    unit: "characters",
    why: "A quantity's text with all digits that are stored has 52; a hundred thousand zeros would cost seconds.",
  },
  quantityWholeDigitsMax: {
    value: 15,
    unit: "digits",
    why: "With 30 decimals and 10^15 records a sum still fits the engine's 76 digits.",
  },
  quantityDecimalsMax: {
    value: 30,
    unit: "digits",
    why: "The recording has up to 24 decimals and one byte of storage for one hour has 26.",
  },
  clockSkewMsMax: { value: 5 * 60_000, unit: "milliseconds", why: "How far a stamp's clock may be ahead of ours." },
  requestBodyBytesMax: { value: 4 * MiB, unit: "bytes", why: "The largest request body that ARM takes." },
  importRowsMax: { value: 50_000, unit: "rows", why: "Catalogue entries or local subscriptions in one request." },
  importPieceBytesMax: {
    value: 256 * MiB,
    unit: "bytes",
    why: "The command line sends a long file in pieces of this size; an interrupted import repeats at most one.",
  },
  priceFileBytesMax: {
    value: 16 * MiB,
    unit: "bytes after decompression",
    why: "A price file is read as a whole, so that nothing of a wrong one is kept; 10,000 prices have about 2 MB.",
  },
  sheetPricesMax: {
    value: 10_000,
    unit: "prices",
    why: "Of one version of a price sheet; all of them are in memory while statements are made.",
  },
  priceRowsMax: { value: 100_000, unit: "rows", why: "In a price file: ten tiers for each price." },
  sheetVersionsMax: { value: 1_000, unit: "versions", why: "Of one price sheet: a new one each week for 19 years." },
  priceSheetsMax: { value: 1_000, unit: "sheets", why: "All published versions are loaded to price usage." },
  priceMarkupsMax: {
    value: 1_000,
    unit: "mark-ups",
    why: "In one assignment; one for each of the meters that differ.",
  },
  operatorMetersMax: { value: 10_000, unit: "meters", why: "All of them are held in memory to judge a record." },
  reasonCharsMax: { value: 2_000, unit: "characters", why: "Why somebody asked or decided; a person reads it." },
  candidatesMax: { value: 5, unit: "subscriptions", why: "Ids like a mistyped one that a refusal names." },
  candidatesComparedMax: {
    value: 2_000,
    unit: "subscriptions",
    why: "Of one partner's ids that share a third with a mistyped one, how many are compared with it.",
  },
  catalogueImportBytesMax: {
    value: 256 * MiB,
    unit: "bytes after decompression",
    why: "One import of the partner catalogue; the command line sends longer files in pieces.",
  },
  catalogueRowBytesMax: { value: 16 * KiB, unit: "bytes", why: "A row of the partner catalogue has about 200 bytes." },
  catalogueTextCharsMax: { value: 256, unit: "characters", why: "Names of subscriptions, partners and customers." },
  cataloguePieceRowsMax: {
    value: 1_000,
    unit: "rows",
    why: "How many rows of an import are held in memory and made durable together.",
  },
  cataloguePieceSentRowsMax: {
    value: 10_000,
    unit: "rows",
    why: "The command line sends a long catalogue file in pieces of this many rows.",
  },
  accessTokenMsMax: {
    value: 60 * 60_000,
    unit: "milliseconds",
    why: "How long a token of the built-in issuer lives, and a retired key verifies.",
  },
  tokenClockSkewMsMax: {
    value: 5 * 60_000,
    unit: "milliseconds",
    why: "How far the clock of whoever issues tokens may be from ours.",
  },
  bearerTokenCharsMax: { value: 12_288, unit: "characters", why: "Tokens with many groups have some thousand." },
  verifiedTokensMax: {
    value: 10_000,
    unit: "tokens",
    why: "Tokens whose check is remembered, so that it is made once.",
  },
  verifiedTokenMsMax: {
    value: 5_000,
    unit: "milliseconds",
    why: "How long a check is remembered: a revoked credential works that long at most.",
  },
  trustedIssuersMax: { value: 16, unit: "issuers", why: "Identity providers in the setting oidcIssuers." },
  issuerKeysMax: {
    value: 100,
    unit: "keys",
    why: "Keys that one identity provider publishes; real ones have under ten.",
  },
  issuerBodyBytesMax: { value: 256 * KiB, unit: "bytes", why: "Configuration or keys of an identity provider." },
  issuerTimeoutMsMax: { value: 5_000, unit: "milliseconds", why: "A caller waits while the keys are fetched." },
  issuerPauseMsMin: {
    value: 30_000,
    unit: "milliseconds",
    why: "Pause between two fetches of an identity provider's keys, whatever the tokens say.",
  },
  issuerKeepMsMax: {
    value: 10 * 60_000,
    unit: "milliseconds",
    why: "How long fetched keys are used: a key that was taken back works that long at most.",
  },
  tokenRequestBytesMax: { value: 64 * KiB, unit: "bytes", why: "A request for a token is a short form." },
  tokenRequestsPerMinuteMax: { value: 300, unit: "requests", why: "Requests for tokens from one address." },
  signInFailuresMax: { value: 10, unit: "failures", why: "Wrong secrets before a name is locked." },
  signInLockMsMax: {
    value: 5 * 60_000,
    unit: "milliseconds",
    why: "How long a name is locked, and how long wrong secrets are remembered.",
  },
  signInFailuresAuditedPerHour: {
    value: 60,
    unit: "records",
    why: "Anybody can fail to sign in, and may not fill the disk with it; the next record tells how many were left out.",
  },
  signInTrackedMax: { value: 10_000, unit: "names or addresses", why: "Attempts that are counted at once." },
  secretChecksMax: { value: 16, unit: "checks", why: "Secrets that are checked at once; each takes 32 MiB." },
  authorizationCodesMax: {
    value: 10_000,
    unit: "codes",
    why: "Sign-ins whose program has not come for its token yet.",
  },
  authorizationCodeMsMax: { value: 2 * 60_000, unit: "milliseconds", why: "A program comes for its token at once." },
  redirectUrisMax: { value: 20, unit: "URIs", why: "Where one client's browser may be sent back to." },
  certificateDaysMax: { value: 397, unit: "days", why: "Browsers take no server certificate that lives longer." },
  certificateRenewDaysMin: {
    value: 30,
    unit: "days",
    why: "The server's certificate is renewed when it has less left.",
  },
  authorityDaysMax: {
    value: 3_650,
    unit: "days",
    why: "Every client has to be told about a new certificate authority.",
  },
  recentAnswersMax: { value: 10_000, unit: "answers", why: "Answers to reads that are remembered at once." },
  recentAnswersCharsMax: { value: 16_777_216, unit: "characters", why: "What those answers and their questions hold." },
  recentAnswerMsMax: {
    value: 2_000,
    unit: "milliseconds",
    why: "How long an answer is given again while nothing is written: an upstream service may say something else.",
  },
  throttleReadsPerMinute: {
    value: 60_000,
    unit: "requests",
    why: "Reads of one caller in one subscription, unless the setting says otherwise: many times what Azure allows.",
  },
  throttleWritesPerMinute: {
    value: 6_000,
    unit: "requests",
    why: "The same for writes, and for deletions; each waits for the disk.",
  },
  throttleBudgetsMax: {
    value: 10_000,
    unit: "callers and subscriptions",
    why: "Whose requests are counted at once; about 500 bytes each.",
  },
  pageRowsMax: { value: 1_000, unit: "rows", why: "Rows in one answer; past this the caller asks for the next page." },
  changeBatchesMax: { value: 1_000, unit: "batches", why: "Looked through for one page of changes of usage." },
  conflictsPageMax: { value: 100, unit: "records", why: "Conflicts in one answer; each comes with all its versions." },
  metricsParkedMsMin: {
    value: 60_000,
    unit: "milliseconds",
    why: "Between two looks for what is parked, however often metrics are asked for: a look goes through all usage.",
  },
  ...COMPARISON_LIMITS,
  ...CLOSING_LIMITS,
  explainedRecordsMax: { value: 20, unit: "records", why: "Records of one hour and meter that are explained at once." },
  explainRecordsMax: { value: 1_000, unit: "records", why: "Records in one page of an explanation." },
  notificationTimeoutMsMax: {
    value: 10_000,
    unit: "milliseconds",
    why: "How long the webhook may take to hear one notification.",
  },
  notificationAttemptsMax: {
    value: 12,
    unit: "attempts",
    why: "Over about two days; then a notification is given up.",
  },
  notificationDelayMsMin: { value: 30_000, unit: "milliseconds", why: "After the first failure; doubled each time." },
  notificationDelayMsMax: {
    value: 8 * 3_600_000,
    unit: "milliseconds",
    why: "The longest pause between two attempts.",
  },
  notificationPauseMs: { value: 5_000, unit: "milliseconds", why: "How often is looked whether one is due." },
  notificationsDueMax: { value: 100, unit: "notifications", why: "Held in memory and delivered in one go." },
  notificationsKeptMax: {
    value: 1_000,
    unit: "notifications",
    why: "Of those delivered or given up; the approvals' own history is kept for ever.",
  },
  resolverTimeoutMsMax: {
    value: 4_500,
    unit: "milliseconds",
    why: "An operator waits for the answer, and is to have it within five seconds.",
  },
  resolverRetriesMax: { value: 2, unit: "attempts", why: "After the first one, where asking again may help." },
  resolverRetryDelayMsMin: {
    value: 100,
    unit: "milliseconds",
    why: "Longer with each attempt, and never twice the same.",
  },
  resolverFailuresInARowMax: {
    value: 5,
    unit: "attempts",
    why: "After so many failures the upstream service is left alone for a while.",
  },
  resolverBreakMs: {
    value: 10_000,
    unit: "milliseconds",
    why: "How long it is left alone; then one question goes to it.",
  },
  resolverQuestionsMax: { value: 32, unit: "questions", why: "Sent to the upstream service at the same time." },
  resolverQuestionsWaitingMax: { value: 256, unit: "questions", why: "More than these are refused at once." },
  resolverCacheAnswersMax: { value: 10_000, unit: "answers", why: "About 10 MB; the least recently used goes first." },
  resolverBodyBytesMax: { value: 64 * KiB, unit: "bytes", why: "A subscription's facts are a few hundred bytes." },
  leftDeliveriesMax: {
    value: 10_000,
    unit: "deliveries",
    why: "Remembered while the control store does not take that they ended; others end with the next start.",
  },
  finishPauseMs: {
    value: 2_000,
    unit: "milliseconds",
    why: "How often is looked for deliveries and decisions that could not be finished: all later usage waits for them.",
  },
  rollUpPauseMs: {
    value: 60_000,
    unit: "milliseconds",
    why: "How often is looked for days of usage that have to be rolled up; until then they are read from their entries.",
  },
  rollUpDaysMax: {
    value: 8,
    unit: "days of a registration",
    why: "Rolled up in one statement: an intake into the embedded engine waits that long at most.",
  },
  ...USAGE_QUESTION_LIMITS,
  tagNameCharsMax: { value: 512, unit: "characters", why: "The longest name of a tag that Azure allows." },
  engineQuerySecondsMax: { value: 600, unit: "seconds", why: "No query may hold the usage engine for ever." },
  engineQueryBytesMax: {
    value: 64 * MiB,
    unit: "bytes",
    why: "Rows of a look-up travel inside the query to a ClickHouse server: 10,000 keys have 330 KB.",
  },
  dailyRatedPayersInPiece: {
    value: 1_000,
    unit: "payers",
    why: "Days of so many payers are in memory at once while they are exported: 20 meters and 31 days of each take some 100 MiB.",
  },
  archiveQuerySecondsMax: {
    value: 3_600,
    unit: "seconds",
    why: "Writing or reading a whole month: 100 million records take some minutes.",
  },
  archiveQuietMsMin: {
    value: 30 * 86_400_000,
    unit: "milliseconds",
    why: "A month into which usage came not so long ago is not archived by itself: whoever filled it in may go on.",
  },
  archivePauseMs: {
    value: 3_600_000,
    unit: "milliseconds",
    why: "How often is looked whether a month can be archived.",
  },
  engineRestartDelayMsMax: {
    value: 5_000,
    unit: "milliseconds",
    why: "Longest pause before a dead engine is started again.",
  },
  engineEndMsMax: {
    value: 8_000,
    unit: "milliseconds",
    why: "An embedded engine that is asked to end and does not is killed then: what it acknowledged is durable. Docker waits for 10 seconds.",
  },
} as const satisfies Record<string, Limit>;

type LimitName = keyof typeof LIMIT_LIST;

/** The values alone, for code. */
export const LIMITS = Object.fromEntries(
  Object.entries(LIMIT_LIST).map(([name, limit]) => [name, limit.value]),
) as Record<LimitName, number>;

assert(LIMITS.recordBytesMax < LIMITS.intakeBodyBytesMax);
assert(LIMITS.importPieceBytesMax + LIMITS.recordBytesMax <= LIMITS.intakeBodyBytesMax);
assert(LIMITS.cataloguePieceSentRowsMax <= LIMITS.importRowsMax, "every row that was sent gets its result");
assert(LIMITS.cataloguePieceSentRowsMax * LIMITS.catalogueRowBytesMax <= LIMITS.catalogueImportBytesMax);
assert(LIMITS.quantityWholeDigitsMax + LIMITS.quantityDecimalsMax + 15 <= 76, "a sum of 10^15 records fits");
