import {
  encodeActivation,
  type ActivationMessage,
  type ActivationRecord,
  type StatusCode,
} from '@vibrissa/protocol';

import type { Sealer } from '../../crypto/sealer.ts';
import type { BatchBuffer } from './batch-buffer.ts';

export const ACCEPTED = 1;
export const STARTED = 2;
export const NOTED = 3;
export const FINISHED = 4;
export const LOGGED = 5;
export const DISCARDED = 6;

const ID_BYTES = 16;

/** An intent as the journal and the table `pending` keep it: arguments and key are not in `json` but sealed. */
export interface IntentParts {
  readonly json: string;
  readonly sealed: Uint8Array | undefined;
}

/** A finished activation, cut where its summary ends and where its logs begin. */
export interface FinishedParts {
  readonly namespace: string;
  /** `action` or `package/action`: what the filter `name` compares. */
  readonly name: string;
  readonly start: number;
  readonly statusCode: StatusCode;
  /** `{"namespace":…,"annotations":[…]`. */
  readonly head: string;
  /** `,"subject":…,"response":{…},"logs":`. */
  readonly body: string;
  /** A JSON array; undefined: the lines follow. */
  readonly logsJson: string | undefined;
}

/** What stands in the journal. `id` is 16 bytes of the buffer that was read: copy it to keep it. */
export type Entry =
  | { readonly type: typeof ACCEPTED; readonly id: Buffer; readonly intent: IntentParts }
  | { readonly type: typeof STARTED | typeof DISCARDED; readonly id: Buffer }
  | { readonly type: typeof NOTED; readonly id: Buffer; readonly intent: IntentParts }
  | { readonly type: typeof FINISHED; readonly id: Buffer; readonly finished: FinishedParts }
  | { readonly type: typeof LOGGED; readonly id: Buffer; readonly logsJson: string };

/** What an intent's sealed part is bound to. */
export function intentContext(activationId: string): string {
  return `intent/${activationId}`;
}

function intentJson(message: ActivationMessage): string {
  const { content, user, ...rest } = message;
  const { authkey: _secret, ...identity } = user;
  return JSON.stringify({ ...rest, user: identity, hasContent: content !== undefined });
}

/** Puts an intent together again. Throws `UnsealError`. */
export function decodeIntent({ json, sealed }: IntentParts, sealer: Sealer): ActivationMessage {
  const { hasContent, user, ...rest } = JSON.parse(json) as Omit<ActivationMessage, 'content'> & {
    hasContent: boolean;
  };
  if (!sealed) return { ...rest, user: { ...user, authkey: '' } };
  const secret = sealer.unseal(sealed, intentContext(rest.activationId));
  const line = secret.indexOf('\n');
  const message = { ...rest, user: { ...user, authkey: secret.slice(0, line) } };
  return hasContent ? { ...message, content: secret.slice(line + 1) } : message;
}

export function writeAccepted(batch: BatchBuffer, message: ActivationMessage, sealer: Sealer): void {
  const secret = `${message.user.authkey}\n${message.content ?? ''}`;
  batch.begin();
  batch.id(message.activationId);
  batch.sizedText(intentJson(message));
  batch.raw(sealer.seal(secret, intentContext(message.activationId)));
  batch.end(ACCEPTED);
}

/** Writes an entry that consists of its type. */
export function writeMark(
  batch: BatchBuffer,
  type: typeof STARTED | typeof DISCARDED,
  activationId: string,
): void {
  batch.begin();
  batch.id(activationId);
  batch.end(type);
}

/** Writes what an error record needs, without the arguments. */
export function writeNoted(batch: BatchBuffer, message: ActivationMessage): void {
  batch.begin();
  batch.id(message.activationId);
  batch.text(intentJson(message));
  batch.end(NOTED);
}

/** A call through a binding is found under the name that its caller knows. */
function nameKey({ binding, path, name }: ActivationRecord): string {
  if (binding !== undefined) return `${binding.slice(binding.indexOf('/') + 1)}/${name}`;
  const first = path.indexOf('/');
  const last = path.lastIndexOf('/');
  return last > first ? `${path.slice(first + 1, last)}/${name}` : name;
}

export function writeFinished(
  batch: BatchBuffer,
  record: ActivationRecord,
  logs: readonly string[] | undefined,
): void {
  const text = encodeActivation(record, []);
  const { namespace, start, response } = record;
  const logsJson = logs === undefined ? '' : logs.length === 0 ? '[]' : JSON.stringify(logs);
  batch.begin();
  batch.id(record.activationId);
  batch.text(
    `${response.statusCode} ${start} ${text.length}\n${namespace}\n${nameKey(record)}\n${text}${logsJson}`,
  );
  batch.end(FINISHED);
}

export function writeLogged(batch: BatchBuffer, activationId: string, logs: readonly string[]): void {
  batch.begin();
  batch.id(activationId);
  batch.text(JSON.stringify(logs));
  batch.end(LOGGED);
}

const BODY = ',"subject":"';
const TAIL = '[]}';

function readFinished(line: string): FinishedParts {
  const first = line.indexOf('\n');
  const second = line.indexOf('\n', first + 1);
  const third = line.indexOf('\n', second + 1);
  const [statusCode, start, length] = line.slice(0, first).split(' ').map(Number);
  const textEnd = third + 1 + length!;
  // In the head every quote of a name is escaped, so that this can't stand inside one.
  const bodyStart = line.indexOf(BODY, third + 1);
  return {
    statusCode: statusCode as StatusCode,
    start: start!,
    namespace: line.slice(first + 1, second),
    name: line.slice(second + 1, third),
    head: line.slice(third + 1, bodyStart),
    body: line.slice(bodyStart, textEnd - TAIL.length),
    logsJson: textEnd === line.length ? undefined : line.slice(textEnd),
  };
}

/** Reads a frame's payload; undefined for a type that this version doesn't know. */
export function readEntry(type: number, payload: Buffer): Entry | undefined {
  const id = payload.subarray(0, ID_BYTES);
  switch (type) {
    case ACCEPTED: {
      const jsonStart = ID_BYTES + 4;
      const jsonEnd = jsonStart + payload.readUInt32LE(ID_BYTES);
      const json = payload.toString('utf8', jsonStart, jsonEnd);
      return { type, id, intent: { json, sealed: payload.subarray(jsonEnd) } };
    }
    case STARTED:
    case DISCARDED:
      return { type, id };
    case NOTED:
      return { type, id, intent: { json: payload.toString('utf8', ID_BYTES), sealed: undefined } };
    case FINISHED:
      return { type, id, finished: readFinished(payload.toString('utf8', ID_BYTES)) };
    case LOGGED:
      return { type, id, logsJson: payload.toString('utf8', ID_BYTES) };
    default:
      return undefined;
  }
}
