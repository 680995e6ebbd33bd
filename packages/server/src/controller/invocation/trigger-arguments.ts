import type { JsonObject, TriggerEntity } from '@vibrissa/protocol';
import { credentialHeaders } from '../../http/credential-headers.ts';
import { transportHeaders } from '../../http/transport-headers.ts';
import type { FireRequest } from './firing.ts';
import { mergeParameters, prepareParameters, type Payload } from './merge-parameters.ts';

function showHeaders(headers: FireRequest['headers']): JsonObject {
  const shown: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || credentialHeaders.has(name) || transportHeaders.has(name)) continue;
    shown.push([name, typeof value === 'string' ? value : value.join(', ')]);
  }
  return Object.fromEntries(shown);
}

/** What a fire gives to each action: the payload over the request's headers over the trigger's parameters. */
export function triggerArguments(trigger: Pick<TriggerEntity, 'parameters'>, request: FireRequest): Payload {
  const { payload, headers } = request;
  const parameters = [...trigger.parameters, { key: '__ow_headers', value: showHeaders(headers) }];
  const json = mergeParameters(prepareParameters({ parameters, annotations: [] }), payload) ?? '{}';
  const bound = Object.fromEntries(parameters.map(({ key, value }) => [key, value]));
  const given = Array.isArray(payload?.value) ? {} : payload?.value;
  return { json, value: { ...bound, ...given } };
}
