import { errorTexts as texts } from '@vibrissa/protocol';
import { explain } from './explanation.ts';

/** Of what runs: calls, rules, web actions and APIs, sequences and compositions. */
export const runErrors = explain({
  payloadTooLarge: [
    413,
    texts.payloadTooLarge(2_000_000, 1_048_576),
    'arguments, or an event',
    'send where the data is instead',
  ],
  reservedParameters: [
    400,
    texts.reservedParameters,
    'a request sets `__ow_…`, or a parameter that is final',
    'leave it out',
  ],
  blockingTimeout: [400, texts.blockingTimeout(60_000), '`timeout` of a blocking call', 'stay within it'],
  ruleInactive: [
    'result',
    texts.ruleInactive('guest/r', 'guest/a'),
    'a line in the log of a fire',
    '`wsk rule enable`',
  ],
  webUnauthenticated: [
    401,
    texts.webUnauthenticated,
    'the secret or the key is missing or wrong',
    'send `X-Require-Whisk-Auth`, or a key',
  ],
  webContentTypeUnsupported: [
    400,
    texts.webContentTypeUnsupported('a/b/c'),
    'the type of the body is none',
    'mend `Content-Type`',
  ],
  webNotReady: [202, texts.webNotReady, 'it runs on', 'its record will have the result'],
  gatewayNotFound: [404, texts.gatewayNotFound, 'no API has this address', '`wsk api list`'],
  gatewayKeyRequired: [
    401,
    texts.gatewayKeyRequired,
    'the API asks for a key',
    'send it where the API asks for it',
  ],
  gatewayRateLimit: [
    429,
    texts.gatewayRateLimit,
    'more requests than the API allows',
    '`Retry-After` says when',
  ],
  webPropertyMissing: [
    404,
    texts.webPropertyMissing,
    "the result lacks the extension's field",
    'return `body`',
  ],
  webProcessingFailed: [
    400,
    texts.webProcessingFailed,
    'the action threw, or ran out of time or memory',
    '`wsk activation logs ID`',
  ],
  webResponseInvalid: [
    400,
    texts.webResponseInvalid('http'),
    'the result is not what the extension asks for',
    'return that, or take another extension',
  ],
  webContentTypeUnknown: [400, texts.webContentTypeUnknown, "the result's `content-type` is none", 'mend it'],
  webContentTypeMismatch: [
    400,
    texts.webContentTypeMismatch,
    'the body is not what `content-type` says',
    'base64 for what is no text',
  ],
  webNotAcceptable: [
    406,
    texts.webNotAcceptable('text/html'),
    "the request's `Accept` leaves out what it answers",
    'change one of them',
  ],
  parameterKeyMissing: [
    'result',
    texts.parameterKeyMissing('password', 'aes-256'),
    'a parameter was locked where there was a key for that',
    'the operator sets `parameterStorage`',
  ],
  parameterLocked: [
    'result',
    texts.parameterLocked('password', 'aes-256'),
    'the key is another one now, or the locked value was changed',
    'set the parameter again, or bring the old key back',
  ],
  parameterLockUnknown: [
    'result',
    texts.parameterLockUnknown('password', 'rot13'),
    '`encryption` names no scheme that there is',
    'set the parameter again, in clear',
  ],
  actionGone: [
    'result',
    texts.actionGone,
    'the sequence that called it was deleted or stopped',
    'call it again',
  ],
  sequenceFailed: [
    'result',
    texts.sequenceFailed,
    'a part could not be run',
    'look at the records of its parts',
  ],
  sequenceComponentLate: [
    'result',
    texts.sequenceComponentLate('ID'),
    'a part outlived its time by a minute',
    'look at its record',
  ],
  compositionTooLong: [
    'result',
    texts.compositionTooLong,
    'a conductor named one action too many',
    'do more in each',
  ],
  compositionFailed: [
    'result',
    texts.compositionFailed,
    'a part could not be run',
    'look at the records of its parts',
  ],
  compositionPartLate: [
    'result',
    texts.compositionPartLate('ID'),
    'a part outlived its time by a minute',
    'look at its record',
  ],
  compositionMisnamed: [
    'result',
    texts.compositionMisnamed('7'),
    'a conductor named what is no name',
    '`NAME`, `PACKAGE/NAME` or `/NAMESPACE/…`',
  ],
  compositionForbidden: [
    'result',
    texts.compositionForbidden('guest/a'),
    'whoever called may not invoke that',
    'share the package, or name another',
  ],
  compositionUnresolved: [
    'result',
    texts.compositionUnresolved('guest/a'),
    'there is no such action',
    'create it, or mend the name',
  ],
});
