/** Standard base64 in one piece, as OpenWhisk tests it: that is how it knows zip and jar files from source text. */
export function isBase64(text: string): boolean {
  const code = text.trim();
  if (code.length === 0 || code.length % 4 !== 0) return false;
  const padding = code.endsWith('==') ? 2 : code.endsWith('=') ? 1 : 0;
  return !/[^A-Za-z0-9+/]/.test(code.slice(0, code.length - padding));
}

/** Parts of an image reference in docker's syntax. */
export interface ImageReference {
  readonly registry?: string;
  /** Between registry and name. */
  readonly prefix?: string;
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

const MAX_REFERENCE_LENGTH = 512;
// Separators are always followed by a letter or digit, so that each pattern has one way to match and stays linear.
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const DOMAIN_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const PORT = /^[0-9]{1,5}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,128}$/;

/** The first component is a registry when it has a dot or a port, or is `localhost`. */
function isRegistry(component: string): boolean {
  return component.includes('.') || component.includes(':') || component === 'localhost';
}

function isDomain(registry: string): boolean {
  const [host = '', port, ...rest] = registry.split(':');
  return (
    rest.length === 0 &&
    (port === undefined || PORT.test(port)) &&
    host.split('.').every((label) => DOMAIN_LABEL.test(label))
  );
}

/** `[registry/][prefix/]name[:tag][@digest]` taken apart; undefined when it is no image reference. */
export function parseImage(reference: string): ImageReference | undefined {
  const text = reference.trim();
  if (text.length === 0 || text.length > MAX_REFERENCE_LENGTH) return undefined;
  const [location = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const components = location.split('/');
  const registry = components.length > 1 && isRegistry(components[0] ?? '') ? components.shift() : undefined;
  if (registry !== undefined && !isDomain(registry)) return undefined;
  const [name = '', tag, ...extra] = (components.pop() ?? '').split(':');
  if (extra.length > 0 || (tag !== undefined && !TAG.test(tag))) return undefined;
  if (![...components, name].every((component) => PATH_COMPONENT.test(component))) return undefined;
  return {
    ...(registry === undefined ? {} : { registry }),
    ...(components.length === 0 ? {} : { prefix: components.join('/') }),
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `[registry/][prefix/]name[:tag]` of a runtime's image. */
export function formatImage(image: ImageReference): string {
  const registry = image.registry ? `${image.registry}/` : '';
  const prefix = image.prefix ? `${image.prefix}/` : '';
  const tag = image.tag ? `:${image.tag}` : '';
  return `${registry}${prefix}${image.name}${tag}${image.digest ? `@${image.digest}` : ''}`;
}

/** Do both name the same image? An absent tag is `latest`. */
export function isSameImage(left: ImageReference, right: ImageReference): boolean {
  const full = (image: ImageReference) => formatImage({ ...image, tag: image.tag ?? 'latest' });
  return full(left) === full(right);
}
