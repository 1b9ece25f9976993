import { expect, test } from "vitest";
import { withoutSecrets } from "./server.ts";

// Goal: the log holds no secret, also when a caller puts one where it does not belong.

test.each([
  ["/adfs/oauth2/token?client_secret=s3cret&client_id=a", "/adfs/oauth2/token?client_secret=***&client_id=a"],
  ["/x?api-version=2017-06-01&access_token=e.y.J", "/x?api-version=2017-06-01&access_token=***"],
  ["/x?Password=p&code=c", "/x?Password=***&code=***"],
  ["/v1/usage?registration=north", "/v1/usage?registration=north"],
  ["/v1/signing-keys", "/v1/signing-keys"],
])("%s is logged as %s", (url, logged) => {
  expect(withoutSecrets(url)).toBe(logged);
});
