/** What a record says of its resource, as a Hub writes it: JSON text in which tags and more are texts again. */
export const instanceDataText = (resource: {
  readonly resourceUri: string;
  readonly location: string;
  readonly tags: string;
  readonly additionalInfo: string;
}): string => {
  const { resourceUri, location, tags, additionalInfo } = resource;
  return JSON.stringify({ "Microsoft.Resources": { resourceUri, location, tags, additionalInfo } });
};
