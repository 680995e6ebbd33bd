import { CliError } from '../cli-error.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import { isJson, isJsonObject, jsonMembers } from '../values/json-text.ts';
import { refusalHints } from './refusal-hints.ts';
import type { HttpReply } from './send-request.ts';

/** What an answer means; `applicationError` is the record or the result of an activation that failed. */
export type ReplyMeaning =
  | { readonly type: 'ok' }
  | { readonly type: 'applicationError' }
  | { readonly type: 'failed'; readonly message: string };

function memberText(members: ReadonlyMap<string, string>, name: string): string | undefined {
  const json = members.get(name);
  if (json === undefined || json === 'null') return undefined;
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}

function meaningOfFailure(reply: HttpReply): ReplyMeaning {
  if (reply.text.trim() === '') {
    return { type: 'failed', message: 'Command failed due to an HTTP failure' };
  }
  const members = isJsonObject(reply.text) ? jsonMembers(reply.text) : new Map<string, string>();
  const error = memberText(members, 'error');
  const code = memberText(members, 'code');
  if (error !== undefined && code !== undefined)
    return { type: 'failed', message: `${error} (code ${code})` };
  if (reply.status === 502 && code === undefined && (error !== undefined || members.has('response'))) {
    return { type: 'applicationError' };
  }
  return {
    type: 'failed',
    message: `The connection failed, or timed out. (HTTP status code ${reply.status})`,
  };
}

/** Reads an answer as OpenWhisk's client does. */
export function readReply(reply: HttpReply): ReplyMeaning {
  return reply.status >= 200 && reply.status < 300 ? { type: 'ok' } : meaningOfFailure(reply);
}

const hintsOfStatus: Readonly<Record<number, readonly string[]>> = {
  401: [
    'The key in use was refused. See it with: wsk property get --auth',
    'The platform prints the right one when it starts: wsk property set --auth UUID:KEY',
  ],
  503: ['Wait a moment and try again.'],
};

/** A namespace has two limits on invocations, each with its own flag for whoever runs the platform. */
function throttleHints(reply: HttpReply): string[] {
  if (reply.status !== 429) return [];
  const concurrent = reply.text.includes('concurrent requests');
  const flag = concurrent ? '--concurrentInvocations 100' : '--invocationsPerMinute 600';
  return [
    concurrent
      ? 'Wait until some of them have ended, or have the limit raised.'
      : 'Wait a minute, or have the limit raised.',
    `Whoever runs the platform does that with: npx vibrissa admin limits set NAMESPACE ${flag}`,
  ];
}

/** What a failed activation says of itself where the server answered 500 with its record or result. */
function activationHints(reply: HttpReply): string[] {
  const id = reply.headers['x-openwhisk-activation-id'];
  return typeof id === 'string' && reply.status === 500
    ? [`See what happened: wsk activation get ${id}`]
    : [];
}

/** The error of an answer that is not what was asked for; its exit code is the status in eight bits. */
export function replyError(reply: HttpReply, message: string, hints: readonly string[] = []): CliError {
  const location = reply.headers.location;
  const moved = location === undefined ? [] : [`The host points to ${location}: is the API host right?`];
  return new CliError(message, {
    exitCode: exitCodeOfStatus(reply.status),
    hints: [
      ...(hints.length > 0 ? hints : refusalHints(reply)),
      ...(hintsOfStatus[reply.status] ?? []),
      ...throttleHints(reply),
      ...activationHints(reply),
      ...moved,
    ],
  });
}

/** Throws {@link CliError} for an answer that is no success, with these hints on how to mend it. */
export function expectSuccess(reply: HttpReply, hints: readonly string[] = []): void {
  const meaning = readReply(reply);
  if (meaning.type === 'failed') throw replyError(reply, meaning.message, hints);
  if (meaning.type === 'applicationError') throw replyError(reply, reply.text, hints);
}

/** The text of a good answer that must be JSON; throws {@link CliError} for every other answer. */
export function expectJson(reply: HttpReply): string {
  expectSuccess(reply);
  if (isJson(reply.text)) return reply.text;
  throw new CliError(`The answer of ${reply.status} is no JSON: is this an OpenWhisk API?`, {
    hints: ['See which host is configured with: wsk property get --apihost'],
  });
}

/** The id in the record, else in the header: a result that is an array has no place for it. Empty where there is none. */
export function activationId(reply: HttpReply): string {
  const id = isJsonObject(reply.text) ? jsonMembers(reply.text).get('activationId') : undefined;
  if (id?.startsWith('"')) return JSON.parse(id) as string;
  const header = reply.headers['x-openwhisk-activation-id'];
  return typeof header === 'string' ? header : '';
}
