import { errorTexts, type Identity, type SystemLimits } from '@vibrissa/protocol';
import { errorAnswer, type Answer } from '../../http/answer.ts';
import { webCorsOf } from '../../http/cors.ts';
import { notFound, RequestError } from '../../http/request-error.ts';
import type { RawCall, RawRoute } from '../../http/route.ts';
import { SYSTEM_NAMESPACE } from '../invocation/built-in-action.ts';
import type { ResolvedAction } from '../invocation/resolved-action.ts';
import { answerWeb } from '../web-actions/answer-web.ts';
import { confirmCaller } from '../web-actions/confirm-caller.ts';
import { requestArguments } from '../web-actions/request-arguments.ts';
import { parseWebAddress, WEB_PREFIX, type WebAddress } from '../web-actions/web-address.ts';
import { webOptionsOf, type WebOptions } from '../web-actions/web-options.ts';
import { requireAllowed } from '../entitlement/require-allowed.ts';
import { payloadBody } from './entity-routes.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { ActionResolver } from '../invocation/action-cache.ts';
import type { Invoking } from '../invocation/invoking.ts';

/** Who calls, and who owns a namespace. Values where they are at hand. */
interface Identities {
  authenticate(
    authorization: string | undefined,
  ): Identity | 'missing' | 'invalid' | Promise<Identity | 'missing' | 'invalid'>;
  /** Undefined for a namespace that nobody has, or whose owner is blocked. */
  identityOf(namespace: string): Identity | undefined | Promise<Identity | undefined>;
}

/** What serving web actions stands on. */
export interface WebActionRouteDeps {
  readonly identities: Identities;
  readonly actions: ActionResolver;
  readonly entitlements: EntitlementChecks;
  readonly invocations: Pick<Invoking, 'invoke'>;
  readonly limits: SystemLimits;
}

const methods = ['GET', 'DELETE', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH'];

const none: readonly string[] = [];

/** A web action that may run now, on its owner's account. */
interface Admitted {
  readonly address: WebAddress;
  readonly owner: Identity;
  readonly target: ResolvedAction;
  readonly options: WebOptions;
}

function addressOf({ method, url }: RawCall): WebAddress {
  const address = parseWebAddress(url);
  if (!address) throw new RequestError(404, errorTexts.unknownPath);
  if (!methods.includes(method)) {
    throw new RequestError(405, errorTexts.methodNotAllowed(methods), ['Allow', methods.join(', ')]);
  }
  return address;
}

/**
 * Whose limits count: the owner's. What the platform itself offers is charged to who calls, where that is known; strangers and
 * busy neighbours would else use up for all what one namespace may.
 */
async function payerOf(deps: WebActionRouteDeps, call: RawCall, owner: Identity): Promise<Identity> {
  if (owner.namespace.name !== SYSTEM_NAMESPACE) return owner;
  return (await callerOf(deps, call)) ?? owner;
}

/** Owner → action → is it exported? → may its owner run it, now? */
async function admit(deps: WebActionRouteDeps, call: RawCall): Promise<Admitted> {
  const address = addressOf(call);
  const { trail } = call.context;
  const resolvingMs = trail?.now();
  const owner = await deps.identities.identityOf(address.action.namespace);
  if (!owner) throw notFound();
  const target = await deps.actions.resolve(address.action);
  if (!target) throw notFound();
  trail?.step('resolve', resolvingMs);
  const beganMs = trail?.now();
  const options = webOptionsOf(target);
  if (!options.isExported) throw notFound();
  // By the name that was asked for: what a binding is bound to is its owner's business.
  const wish = { collection: 'actions', ...address.action } as const;
  requireAllowed(await deps.entitlements.check(owner, 'ACTIVATE', wish));
  requireAllowed(deps.entitlements.checkThrottles(await payerOf(deps, call, owner)));
  trail?.step('entitle', beganMs);
  return { address, owner, target, options };
}

/** Who calls; wrong credentials are none. */
async function callerOf(deps: WebActionRouteDeps, { headers }: RawCall): Promise<Identity | undefined> {
  if (headers.authorization === undefined) return undefined;
  const found = await deps.identities.authenticate(headers.authorization);
  return typeof found === 'string' ? undefined : found;
}

async function run(deps: WebActionRouteDeps, call: RawCall, admitted: Admitted): Promise<Answer> {
  const { address, owner, target, options } = admitted;
  const { body, headers, method } = call;
  const cors = options.hasCustomOptions ? none : webCorsOf(headers);
  const isPreflight = method === 'OPTIONS';
  if (isPreflight && !options.hasCustomOptions) return { status: 200, body: '', contentType: '', cors };
  const caller = await callerOf(deps, call);
  const shown = { secret: headers['x-require-whisk-auth'], hasCredentials: caller !== undefined };
  if (!isPreflight && !confirmCaller(options.required, shown)) {
    throw new RequestError(401, errorTexts.webUnauthenticated);
  }
  const allowedBytes = deps.entitlements.effectiveLimits(owner).payloadMaxBytes;
  if (body && body.length > allowedBytes) {
    throw new RequestError(413, errorTexts.payloadTooLarge(body.length, allowedBytes));
  }
  const { path, query } = address;
  const request = { method, headers, path, query, body, caller: caller?.namespace.name };
  const outcome = await deps.invocations.invoke(call.context, {
    identity: owner,
    target,
    payload: requestArguments(request, options),
    waitMs: deps.limits.maxBlockingWaitMs,
  });
  return answerWeb(outcome, { extension: address.extension, accept: headers.accept, cors });
}

/** An action that answers for its own CORS headers gets none by its errors either. */
async function serve(deps: WebActionRouteDeps, call: RawCall): Promise<Answer> {
  const admitted = await admit(deps, call);
  try {
    return await run(deps, call, admitted);
  } catch (error) {
    if (!(error instanceof RequestError) || !admitted.options.hasCustomOptions) throw error;
    const { headers, message, status } = error;
    const { transactionId } = call.context;
    return { ...errorAnswer({ status, message, transactionId, headers, isWeb: true }), cors: none };
  }
}

/** `/api/v1/web/{namespace}/{package}/{action}[.ext][/rest]`, for everybody. */
export function webActionRoutes(deps: WebActionRouteDeps): RawRoute[] {
  return [
    {
      method: 'ANY',
      path: WEB_PREFIX,
      access: 'public',
      bodyLimit: payloadBody(deps.limits),
      handle: (call) => serve(deps, call),
    },
  ];
}
