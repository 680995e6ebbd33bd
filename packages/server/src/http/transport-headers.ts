/** Headers of the way a request came, not of the request: no action sees them. In lower case. */
export const transportHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'timeout-access',
  'x-ow-extra-logging',
]);
