const LABEL = /^([A-Za-z0-9_][A-Za-z0-9_-]{0,62})\.(.+)$/;
const PORT = /:\d{1,5}$/;

/** What a namespace's own host shows at `/`. */
const FRONT_PAGE = '/public/index.html';

/**
 * The address of a web action that a namespace's own host stands for: `ns.example.org/pkg/action` is
 * `/api/v1/web/ns/pkg/action`. Undefined for any other host.
 */
export function vanityUrl(
  { host, url }: { readonly host: string | undefined; readonly url: string },
  domain: string,
): string | undefined {
  const match = LABEL.exec((host ?? '').replace(PORT, ''));
  if (!match || match[2]?.toLowerCase() !== domain.toLowerCase() || !url.startsWith('/')) return undefined;
  const path = url === '/' || url.startsWith('/?') ? `${FRONT_PAGE}${url.slice(1)}` : url;
  return `/api/v1/web/${match[1] ?? ''}${path}`;
}
