/**
 * Where users reach the platform, without a slash at its end. Where no setting says it, the `Host` header of a request
 * does: who asks has come that way.
 */
export type PublicUrl = (host: string | undefined) => string;

const HOST = /^(?:[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** `fixed`: what the settings say; `fallback`: for requests that name no host. */
export function publicUrlOf(known: {
  readonly fixed: string | undefined;
  readonly scheme: string;
  readonly fallback: string;
}): PublicUrl {
  const { fallback, fixed, scheme } = known;
  return (host) => fixed ?? (host !== undefined && HOST.test(host) ? `${scheme}://${host}` : fallback);
}
