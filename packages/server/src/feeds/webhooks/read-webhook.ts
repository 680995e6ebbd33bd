import type { JsonObject } from '@vibrissa/protocol';
import { credentialHeaders } from '../../http/credential-headers.ts';
import { argument } from '../feed-call.ts';
import { FeedError } from '../feed-error.ts';
import { standardKey } from './verify-signature.ts';
import type { SignatureForm, WebhookSettings } from './webhook.ts';

const presets: WebhookSettings = { signature: 'any', replayWindow: 300, headers: [], perMinute: 600 };

const forms: readonly SignatureForm[] = ['any', 'github', 'timestamped'];
const MIN_SECRET = 8;
const MAX_SECRET = 1024;
const MAX_HEADERS = 50;
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** What may be given, as errors say it. */
export const webhookParameters = ['secret', 'signature', 'replayWindow', 'headers', 'perMinute'] as const;

function readSecret(params: JsonObject): string | undefined {
  const given = argument(params, 'secret');
  if (given === undefined) return undefined;
  if (typeof given === 'string' && given.length >= MIN_SECRET && given.length <= MAX_SECRET) {
    if (standardKey(given).length >= MIN_SECRET) return given;
    // What is not base64 is skipped: next to nothing may be left, and anybody could sign with that.
    throw new FeedError(
      `the secret parameter begins with whsec_: at least ${MIN_SECRET} bytes in base64 must follow`,
    );
  }
  throw new FeedError(`the secret parameter must be a text of ${MIN_SECRET} to ${MAX_SECRET} characters`);
}

function readForm(params: JsonObject): SignatureForm | undefined {
  const given = argument(params, 'signature');
  if (given === undefined) return undefined;
  const form = forms.find((known) => known === given);
  if (form) return form;
  throw new FeedError(`the signature parameter must be one of ${forms.join(', ')}`);
}

function readCount(params: JsonObject, name: string, max: number): number | undefined {
  const given = argument(params, name);
  if (given === undefined) return undefined;
  const count = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new FeedError(`the ${name} parameter must be an integer from 1 to ${max}`);
}

function readHeaders(params: JsonObject): readonly string[] | undefined {
  const given = argument(params, 'headers');
  if (given === undefined) return undefined;
  const list = typeof given === 'string' ? given.split(',') : given;
  if (!Array.isArray(list) || list.length > MAX_HEADERS) {
    throw new FeedError(`the headers parameter must be a list of at most ${MAX_HEADERS} names of headers`);
  }
  const names = list.map((name) => (typeof name === 'string' ? name.trim().toLowerCase() : ''));
  const wrong = names.findIndex((name) => !HEADER.test(name));
  if (wrong !== -1)
    throw new FeedError(`the headers parameter: entry ${wrong + 1} is not the name of a header`);
  const secret = names.find((name) => credentialHeaders.has(name));
  if (secret !== undefined) {
    throw new FeedError(`the headers parameter: ${secret} holds credentials, which no action gets`);
  }
  return names;
}

/** The parameters over those that it has; absent ones stay. Throws {@link FeedError}. */
export function readWebhookSettings(params: JsonObject, base: WebhookSettings = presets): WebhookSettings {
  const secret = readSecret(params) ?? base.secret;
  const settings = {
    signature: readForm(params) ?? base.signature,
    replayWindow: readCount(params, 'replayWindow', 3600) ?? base.replayWindow,
    headers: readHeaders(params) ?? base.headers,
    perMinute: readCount(params, 'perMinute', 60_000) ?? base.perMinute,
    ...(secret !== undefined && { secret }),
  };
  if (secret === undefined && settings.signature !== 'any') {
    throw new FeedError('the signature parameter needs a secret parameter');
  }
  return settings;
}
