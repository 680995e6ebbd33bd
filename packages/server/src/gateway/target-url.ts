import { entityNameProblem, namespaceProblem, OWN_NAMESPACE } from '@vibrissa/protocol';

/** How a web action's result becomes a response. */
export const responseTypes = ['html', 'http', 'json', 'svg', 'text'] as const;

export type ResponseType = (typeof responseTypes)[number];

/** Stands at the end of a target's URL where the action wants the path of the request. */
export const REQUEST_PATH = '$(request.path)';

/** A web action, as the URL of an operation's target names it. */
export interface Target {
  /** Scheme and host as they were written. Nobody is called there: the gateway forwards inside the platform. */
  readonly origin: string;
  readonly namespace: string;
  /** `default` for the default package. */
  readonly package: string;
  readonly action: string;
  readonly responseType: ResponseType;
  readonly appendPath: boolean;
}

const WEB_ACTION = /^(https?:\/\/[^/?#\s]+)\/api\/v\d+\/web\/([^/?#]+)\/([^/?#]+)\/([^/?#]+)\.([a-z]+)$/i;

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** What a URL of `…/api/v1/web/NAMESPACE/PACKAGE/ACTION.EXTENSION` means; undefined for any other. */
export function readTarget(url: string): Target | undefined {
  const appendPath = url.endsWith(REQUEST_PATH);
  const bare = appendPath ? url.slice(0, -REQUEST_PATH.length) : url;
  if (bare.length > 2048) return undefined;
  const found = WEB_ACTION.exec(bare);
  if (!found) return undefined;
  const [origin = '', ...names] = found.slice(1, 5).map((part, at) => (at === 0 ? part : decoded(part)));
  const [namespace, pkg, action] = names;
  const responseType = responseTypes.find((type) => type === found[5]);
  if (namespace === undefined || pkg === undefined || action === undefined || !responseType) return undefined;
  const problem =
    (namespace === OWN_NAMESPACE ? undefined : namespaceProblem(namespace)) ??
    entityNameProblem(pkg) ??
    entityNameProblem(action);
  if (problem !== undefined) return undefined;
  return { origin, namespace, package: pkg, action, responseType, appendPath };
}

/** The target's URL, without the mark for the request's path. */
export function targetUrl({ origin, namespace, package: pkg, action, responseType }: Target): string {
  return `${origin}/api/v1/web/${namespace}/${pkg}/${action}.${responseType}`;
}
