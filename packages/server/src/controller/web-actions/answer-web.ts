import {
  APPLICATION_ERROR,
  SUCCESS,
  errorTexts,
  memberTextsOf,
  type ActivationRecord,
  type Json,
} from '@vibrissa/protocol';
import type { Answer } from '../../http/answer.ts';
import { RequestError } from '../../http/request-error.ts';
import type { InvokeOutcome } from '../invocation/invoke-outcome.ts';
import { acceptsType } from './accepts-type.ts';
import { transcode } from './transcode.ts';
import type { Extension } from './web-address.ts';
import { refusedResult, type WebResult } from './web-result.ts';

/** What the request wants to get, and what it gets anyway. */
export interface Wish {
  readonly extension: Extension;
  readonly accept: string | undefined;
  /** Names and values in turn. */
  readonly cors: readonly string[];
}

function read({ response }: ActivationRecord, extension: Extension): WebResult {
  const { resultJson, statusCode } = response;
  const result = JSON.parse(resultJson) as Json;
  if (statusCode === SUCCESS) return transcode(extension, result, resultJson);
  if (statusCode !== APPLICATION_ERROR) return refusedResult(400, errorTexts.webProcessingFailed);
  const error =
    typeof result === 'object' && result !== null && !Array.isArray(result)
      ? memberTextsOf(resultJson).get('error')
      : undefined;
  if (error === undefined) return refusedResult(404, errorTexts.webPropertyMissing);
  return transcode(extension, JSON.parse(error) as Json, error);
}

/** An action that names the origins that may read it knows better than the platform. */
function withoutNamed(cors: readonly string[], headers: readonly (readonly [string, string])[]): string[] {
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  return cors.filter((_, index) => !named.has((cors[index - (index % 2)] as string).toLowerCase()));
}

/** The answer to a finished web action; throws what its client gets instead. */
export function answerWeb(outcome: InvokeOutcome, wish: Wish): Answer {
  if (outcome.outcome === 'refused') throw new RequestError(outcome.status, outcome.message);
  const activation = ['x-openwhisk-activation-id', outcome.activationId];
  if (outcome.outcome === 'accepted') throw new RequestError(202, errorTexts.webNotReady, activation);
  const result = read(outcome.record, wish.extension);
  if (result.is === 'refused') throw new RequestError(result.status, result.message, activation);
  const { body, contentType, headers, status } = result;
  if (body !== '' && !acceptsType(wish.accept, (contentType.split(';', 1)[0] as string).toLowerCase())) {
    throw new RequestError(406, errorTexts.webNotAcceptable(contentType), activation);
  }
  return {
    status,
    body,
    contentType,
    cors: withoutNamed(wish.cors, headers),
    headers: [...activation, ...headers.flat()],
  };
}
