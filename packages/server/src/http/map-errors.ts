import { errorTexts } from '@vibrissa/protocol';
import type { Logger } from '../base/logger.ts';
import { errorAnswer, type Answer } from './answer.ts';
import { ClientGoneError } from './request-context.ts';
import { RequestError } from './request-error.ts';

interface Mapped {
  readonly status: number;
  readonly message: string;
}

/** Coded exceptions of the platform and of the HTTP library, by their `code`; any other is an internal error. */
const byCode = new Map<string, Mapped>([
  ['JOURNAL_UNAVAILABLE', { status: 503, message: errorTexts.unavailable }],
  ['STORE_UNAVAILABLE', { status: 503, message: errorTexts.unavailable }],
  ['FST_ERR_CTP_BODY_TOO_LARGE', { status: 413, message: errorTexts.contentTooLarge }],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', { status: 400, message: errorTexts.badSyntax }],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', { status: 415, message: errorTexts.unsupportedContentType('') }],
  ['FST_ERR_BAD_URL', { status: 400, message: errorTexts.badSyntax }],
  ['FST_ERR_MAX_PARAM_LENGTH', { status: 414, message: errorTexts.badSyntax }],
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The one table that turns what was thrown into `{error, code}`. What nobody expected is logged, not shown. */
export function answerOf(
  error: unknown,
  context: { transactionId: string; logger: Logger; isWeb?: boolean },
): Answer {
  const { transactionId, isWeb = false } = context;
  if (error instanceof RequestError) return errorAnswer({ ...headed(error), transactionId, isWeb });
  const mapped = byCode.get(codeOf(error));
  if (mapped === undefined && !(error instanceof ClientGoneError)) {
    context.logger.error({ err: error }, 'a request failed unexpectedly');
  } else if (mapped?.status === 503) {
    context.logger.error({ err: error }, 'a request was refused because the store takes no writes');
  }
  return errorAnswer({
    ...(mapped ?? { status: 500, message: errorTexts.internalError }),
    transactionId,
    isWeb,
  });
}

function headed(error: RequestError): Mapped & { headers?: readonly string[] } {
  const { status, message, headers } = error;
  return headers.length === 0 ? { status, message } : { status, message, headers };
}
