/**
 * What a caller demands of a resource's present state before it is written; called inside the transaction with the
 * resource's etag, undefined when there is none. Throws when the demand is not met.
 */
export type Precondition = (etag: string | undefined) => void;

export const noPrecondition: Precondition = () => undefined;
