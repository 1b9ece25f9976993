/** Somebody whose token was checked, or whoever may read the data folder. */
export interface Principal {
  /** As people know it: a user's name, an application's client id. */
  readonly name: string;
  /** `oid` of the token: what role assignments are made to, together with the issuer. */
  readonly objectId: string;
  /** Of the token; null for our own directory, which every subscription trusts. Others must match the subscription's. */
  readonly issuer: string | null;
  readonly kind: "User" | "Application" | "Local";
  /** Directory that issued the token; undefined for the local administrator. */
  readonly tenant: string | undefined;
}

/** Who calls, from where, and in which request. */
export interface Caller extends Principal {
  /** Network address, or `local`. */
  readonly address: string;
  readonly correlationId: string;
}

/** Whoever can read the data folder may do everything: it is theirs to read and to change anyway. */
export const LOCAL_ADMINISTRATOR: Principal = {
  name: "local",
  objectId: "00000000-0000-0000-0000-000000000000",
  issuer: null,
  kind: "Local",
  tenant: undefined,
};
