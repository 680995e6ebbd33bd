import type { IncomingHttpHeaders } from 'node:http';

import { errorTexts, isEntityName } from '@vibrissa/protocol';
import { errorAnswer, type Answer } from '../http/answer.ts';
import { WEB_PREFIX } from '../controller/web-actions/web-address.ts';
import { RequestError } from '../http/request-error.ts';
import type { RawCall } from '../http/route.ts';
import { isVerb } from './api-document.ts';
import type { ApiKeys } from './api-keys.ts';
import type { ApiStore } from './api-store.ts';
import { checkKey } from './check-key.ts';
import type { CompiledApi, CompiledOperation, CompiledPath } from './compiled-api.ts';
import { findPath, readGatewayAddress, type GatewayAddress } from './find-operation.ts';
import { corsHeadersOf, methodsOf, withCors } from './gateway-cors.ts';
import type { PublicUrl } from './public-url.ts';
import type { RequestLimits } from './request-limits.ts';

export interface GatewayDeps {
  readonly apis: Pick<ApiStore, 'served'>;
  readonly keys: Pick<ApiKeys, 'check'>;
  readonly limits: RequestLimits;
  readonly publicUrl: PublicUrl;
  /** Runs a web action: what serves their own addresses. */
  readonly webAction: (call: RawCall) => Answer | Promise<Answer>;
}

interface Visit {
  readonly call: RawCall;
  /** As the client has written it. */
  readonly url: string;
  readonly address: GatewayAddress;
  readonly api: CompiledApi;
  readonly path: CompiledPath;
}

function requireOperation({ call, api, path }: Visit): CompiledOperation {
  const verb = call.method.toLowerCase();
  const operation = isVerb(verb) ? path.get(verb) : undefined;
  if (operation) return operation;
  const methods = methodsOf(path, api);
  throw new RequestError(405, errorTexts.methodNotAllowed(methods), ['Allow', methods.join(', ')]);
}

function headersFor({ api, call, url }: Visit, operation: CompiledOperation): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = { ...call.headers };
  for (const name of api.keyHeaders) delete headers[name];
  headers['x-forwarded-url'] = url;
  for (const [name, value] of operation.headers) headers[name] = value;
  return headers;
}

/** The request as the action's own address would get it. */
function forwarded(visit: Visit, operation: CompiledOperation): RawCall {
  const { address, call } = visit;
  const { target } = operation;
  const namespace = target.namespace ?? encodeURIComponent(address.tenant);
  const query = address.query === '' ? '' : `?${address.query}`;
  return {
    context: call.context,
    params: {},
    query: {},
    method: operation.method ?? call.method,
    url: `${WEB_PREFIX}${namespace}${target.place}${target.appendPath ? address.path : ''}${query}`,
    headers: headersFor(visit, operation),
    body: call.body,
    readJson: () => call.readJson(),
  };
}

/** Serves the APIs of all namespaces, below `/api/{namespace}`. */
export class Gateway {
  readonly #deps: GatewayDeps;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
  }

  /** Which API and path → which method → with which key → not too often → its action. */
  async serve(call: RawCall): Promise<Answer> {
    const visit = await this.#find(call);
    const cors = corsHeadersOf(visit, call.headers);
    if (call.method === 'OPTIONS' && visit.api.cors === true && !visit.path.has('options')) {
      return { status: 200, body: '', contentType: '', cors };
    }
    try {
      const operation = requireOperation(visit);
      await this.#admit(visit, operation);
      return withCors(await this.#deps.webAction(forwarded(visit, operation)), visit.api, cors);
    } catch (error) {
      // A page of another origin may read what went wrong, too.
      if (!(error instanceof RequestError)) throw error;
      const { headers, message, status } = error;
      const { transactionId } = call.context;
      return { ...errorAnswer({ status, message, headers, transactionId }), cors };
    }
  }

  async #find(call: RawCall): Promise<Visit> {
    const address = readGatewayAddress(call.url);
    if (!address) throw new RequestError(400, errorTexts.badSyntax);
    const served = isEntityName(address.tenant) ? this.#deps.apis.served(address.tenant) : [];
    const found = findPath(served instanceof Promise ? await served : served, address.segments);
    if (!found) throw new RequestError(404, errorTexts.gatewayNotFound);
    const url = this.#deps.publicUrl(call.headers.host) + call.url;
    return { call, url, address, ...found };
  }

  async #admit({ address, api, call }: Visit, operation: CompiledOperation): Promise<void> {
    const place = { namespace: address.tenant, basePath: api.basePath };
    const shown = await checkKey(this.#deps.keys, operation, { ...place, headers: call.headers });
    if (shown === 'refused') throw new RequestError(401, errorTexts.gatewayKeyRequired);
    if (!api.rateLimit) return;
    const waitMs = this.#deps.limits.take({ ...place, key: shown.key }, api.rateLimit);
    if (waitMs === undefined) return;
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new RequestError(429, errorTexts.gatewayRateLimit, ['Retry-After', String(seconds)]);
  }
}
