import { registrationResourceId } from "../../domain/registration/registration.ts";
import { formatInstant } from "../../lib/instant.ts";
import { auditedBy, type Context, MACHINE } from "../context.ts";

/** Ends the deliveries that a process left behind when it died, and says so in the audit. What they stored counts. */
export async function endAbandonedBatches({ control, clock }: Pick<Context, "control" | "clock">): Promise<void> {
  await control.transaction(async ({ batches, registrations, audit }) => {
    const atMs = clock.now();
    for (const { id, registration: of, recordedBy, startedAtMs } of await batches.endAbandoned(atMs)) {
      const registration = await registrations.findById(of);
      await audit.add({
        ...auditedBy(MACHINE, atMs),
        action: "Stampbook/usage/write",
        target: registration === undefined ? `registration ${of}` : registrationResourceId(registration),
        outcome: "done",
        detail: { batch: id, abandoned: true, recordedBy, startedAt: formatInstant(startedAtMs) },
      });
    }
  });
}
