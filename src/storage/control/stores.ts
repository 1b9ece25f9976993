import type { Kysely } from "kysely";
import type { ControlStores } from "../../domain/controlStore.ts";
import { archiveStore } from "./archives.ts";
import { attributionLog } from "./attributionLog.ts";
import { auditStore } from "./audit.ts";
import { batchStore } from "./batches.ts";
import { catalogueStore } from "./catalogue.ts";
import { documentStore } from "./documents.ts";
import { credentialStore, directoryStore } from "./credentials.ts";
import { idempotentAnswerStore } from "./idempotentAnswers.ts";
import { localSubscriptionStore } from "./localSubscriptions.ts";
import { meterStore } from "./meters.ts";
import { notificationStore } from "./notifications.ts";
import { priceStore } from "./prices.ts";
import { registrationStore } from "./registrations.ts";
import { lockStore, providerStore, resourceGroupStore } from "./resources.ts";
import { roleAssignmentStore } from "./roleAssignments.ts";
import { signingKeyStore } from "./signingKeys.ts";
import { statementStore } from "./statements.ts";
import type { Tables } from "./tables.ts";
import { tenancyStore } from "./tenancy.ts";
import { usageDayStore } from "./usageDays.ts";

/** The stores over one connection or transaction; the same queries on every engine. */
export const controlStores = (db: Kysely<Tables>): ControlStores => ({
  registrations: registrationStore(db),
  tenancy: tenancyStore(db),
  catalogue: catalogueStore(db),
  notifications: notificationStore(db),
  localSubscriptions: localSubscriptionStore(db),
  meters: meterStore(db),
  prices: priceStore(db),
  batches: batchStore(db),
  usageDays: usageDayStore(db),
  attributionLog: attributionLog(db),
  idempotentAnswers: idempotentAnswerStore(db),
  archives: archiveStore(db),
  statements: statementStore(db),
  documents: documentStore(db),
  resourceGroups: resourceGroupStore(db),
  locks: lockStore(db),
  providers: providerStore(db),
  roleAssignments: roleAssignmentStore(db),
  signingKeys: signingKeyStore(db),
  credentials: credentialStore(db),
  directories: directoryStore(db),
  audit: auditStore(db),
});
