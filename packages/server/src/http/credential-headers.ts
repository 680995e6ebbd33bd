/** Headers that say who somebody is: for the platform, and for no action. In lower case. */
export const credentialHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
]);
