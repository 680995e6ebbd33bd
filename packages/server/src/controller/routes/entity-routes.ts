import { errorTexts, type SystemLimits } from '@vibrissa/protocol';
import type { Answer } from '../../http/answer.ts';
import type { Operation } from '../../http/operation.ts';
import type { AuthenticatedCall, AuthenticatedRoute, Route } from '../../http/route.ts';

type Handler<Deps> = (deps: Deps, call: AuthenticatedCall) => Promise<Answer>;

/** What the path of an entity, or of a collection, does for one method. */
export interface Verb<Deps> {
  readonly method: AuthenticatedRoute['method'];
  readonly handle: Handler<Deps>;
  readonly operation: Omit<Operation, 'tag'>;
  /** It takes the arguments of an invocation, and no entity. */
  readonly takesPayload?: true;
}

/** Bodies as large as the largest arguments of an invocation. */
export function payloadBody({ payloadMaxBytes }: SystemLimits): NonNullable<Route['bodyLimit']> {
  return {
    bytes: payloadMaxBytes,
    message: (bytes) => errorTexts.payloadTooLarge(bytes, payloadMaxBytes),
  };
}

/** One path and what it does, by method. */
export function entityRoutes<Deps extends { readonly limits: SystemLimits }>(
  deps: Deps,
  {
    path,
    tag,
    verbs,
  }: { readonly path: string; readonly tag: string; readonly verbs: readonly Verb<Deps>[] },
): AuthenticatedRoute[] {
  return verbs.map(({ method, handle, operation, takesPayload }) => ({
    method,
    access: 'authenticated',
    path,
    operation: { ...operation, tag },
    ...(takesPayload && { bodyLimit: payloadBody(deps.limits) }),
    handle: (call) => handle(deps, call),
  }));
}

/** A list, with and without a slash at the end of its path; the documents show it once. */
export function listRoutes<Deps>(
  deps: Deps,
  list: {
    readonly path: string;
    readonly handle: Handler<Deps>;
    readonly operation: Operation;
  },
): AuthenticatedRoute[] {
  const { path, operation } = list;
  const route = {
    method: 'GET',
    access: 'authenticated',
    handle: (call: AuthenticatedCall) => list.handle(deps, call),
  } as const;
  return [
    { ...route, path, operation },
    { ...route, path: `${path}/` },
  ];
}
