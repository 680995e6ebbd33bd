import { errorTexts, type SystemLimits } from '@vibrissa/protocol';
import { errorAnswer, json, type Answer } from '../../http/answer.ts';
import { RequestError } from '../../http/request-error.ts';
import type { RawCall, RawRoute } from '../../http/route.ts';
import type { Deliveries } from '../../feeds/webhooks/deliver.ts';
import { HOOKS_PATH } from '../../feeds/webhooks/webhook-feed.ts';
import { payloadBody } from './entity-routes.ts';

/** What webhooks stand on. */
export interface WebhookRouteDeps {
  /** Takes what is sent to them. */
  readonly deliveries: Pick<Deliveries, 'deliver'>;
  readonly limits: SystemLimits;
}

const nothing = Buffer.alloc(0);

async function receive({ deliveries }: WebhookRouteDeps, call: RawCall): Promise<Answer> {
  if (call.method !== 'POST') {
    throw new RequestError(405, errorTexts.methodNotAllowed(['POST']), ['Allow', 'POST']);
  }
  const [path = ''] = call.url.split('?', 1);
  const token = path.slice(HOOKS_PATH.length);
  const { body = nothing, context, headers } = call;
  const { activationId, error, status } = await deliveries.deliver(context, { token, headers, body });
  if (error !== undefined) {
    return errorAnswer({ status, message: error, transactionId: context.transactionId });
  }
  return json(status, activationId === undefined ? {} : { activationId });
}

/** Where webhooks come in: `POST /api/v1/hooks/{token}`. The token is the only credential that all senders can show. */
export function webhookRoutes(deps: WebhookRouteDeps): RawRoute[] {
  return [
    {
      method: 'ANY',
      path: HOOKS_PATH,
      access: 'public',
      bodyLimit: payloadBody(deps.limits),
      handle: (call) => receive(deps, call),
    },
  ];
}
