import type { RegistrationId } from "../ids.ts";

/** contract/registration.md §6.2. */
export const APPROVAL_STATES = ["none", "requested", "approved", "denied", "revoked"] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

export const APPROVAL_ACTIONS = ["request", "approve", "deny", "revoke"] as const;
export type ApprovalAction = (typeof APPROVAL_ACTIONS)[number];

/** Whoever asked has to learn why not. */
export const REASONED_ACTIONS: readonly ApprovalAction[] = ["deny", "revoke"];

const TRANSITIONS: Record<ApprovalAction, { readonly from: readonly ApprovalState[]; readonly to: ApprovalState }> = {
  request: { from: ["none", "denied", "revoked"], to: "requested" },
  approve: { from: ["requested"], to: "approved" },
  deny: { from: ["requested"], to: "denied" },
  revoke: { from: ["approved"], to: "revoked" },
};

export interface ApprovalEvent {
  readonly registration: RegistrationId;
  readonly action: ApprovalAction;
  readonly actor: string;
  readonly reason: string;
  readonly recordedAtMs: number;
}

/** The state after an action. Doing again what is already so changes nothing; undefined when the action is not allowed. */
export function afterAction(state: ApprovalState, action: ApprovalAction): ApprovalState | undefined {
  const { from, to } = TRANSITIONS[action];
  return state === to ? state : from.includes(state) ? to : undefined;
}

/** The state that an action has led to: only actions that change something are recorded. */
export const stateAfter = ({ action }: Pick<ApprovalEvent, "action">): ApprovalState => TRANSITIONS[action].to;

/** The state that a registration's events lead to, oldest first. */
export function approvalState(events: readonly Pick<ApprovalEvent, "action">[]): ApprovalState {
  return events.reduce<ApprovalState>((state, { action }) => afterAction(state, action) ?? state, "none");
}
