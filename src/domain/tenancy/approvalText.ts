import type { Registration } from "../registration/registration.ts";

/** A text that can be sent to an approver as it is. */
export interface MailText {
  readonly subject: string;
  readonly body: string;
}

/** What the original wants by e-mail before it enables a registration (contract/registration.md §6.2), and the cloud id. */
export const approvalMail = ({ subscription, resourceGroup, name, cloudId }: Registration): MailText => ({
  subject: `Multi-tenancy for registration ${name}`,
  body: [
    "Please enable this registration for multi-tenant billing.",
    "",
    `Registration subscription id: ${subscription}`,
    `Resource group name:          ${resourceGroup}`,
    `Registration name:            ${name}`,
    `Cloud id:                     ${cloudId}`,
    "",
  ].join("\n"),
});
