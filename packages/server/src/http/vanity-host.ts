const LABEL = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/;
const PORT = /:\d{1,5}$/;

/** What a namespace's own host shows at `/`. */
const FRONT_PAGE = '/public/index.html';

/** An address of no web action. */
const NOWHERE = '/api/v1/web/';

/**
 * The address of a web action that a namespace's own host stands for: `ns.example.org/pkg/action` is
 * `/api/v1/web/ns/pkg/action`. Undefined for hosts that don't lie below the domain. One that does and is no namespace's shows
 * nothing: `other.ns.example.org` shares cookies with `ns.example.org`, and must not show what others have made.
 */
export function vanityUrl(
  { host, url }: { readonly host: string | undefined; readonly url: string },
  domain: string,
): string | undefined {
  // A dot at the end means the same host, and so do capitals.
  const name = (host ?? '').replace(PORT, '').replace(/\.$/, '').toLowerCase();
  const below = `.${domain.toLowerCase()}`;
  if (url === '*' || !name.endsWith(below)) return undefined;
  const label = name.slice(0, -below.length);
  if (!LABEL.test(label) || !url.startsWith('/')) return NOWHERE;
  const path = url === '/' || url.startsWith('/?') ? `${FRONT_PAGE}${url.slice(1)}` : url;
  return `/api/v1/web/${label}${path}`;
}
