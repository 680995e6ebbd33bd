import {
  APPLICATION_ERROR,
  DEVELOPER_ERROR,
  isShallow,
  SUCCESS,
  WHISK_ERROR,
  type ActivationResponse,
  type StatusCode,
} from '@vibrissa/protocol';
import type { Answer, ContainerLost } from './exchange.ts';

/** What a container did, for reading. */
export type ContainerAnswer = Answer | { readonly outcome: 'timed-out' } | ContainerLost;

/** Deeper results are refused as no valid JSON: whoever reads the record may parse it recursively. */
const MAX_RESULT_DEPTH = 1000;

const OK = 200;

/** The sentences of activation results, word for word as OpenWhisk's clients compare them. */
export const resultTexts = {
  timedOut: (limitMs: number, during: 'init' | 'run') =>
    `The action exceeded its time limits of ${limitMs} milliseconds${during === 'init' ? ' during initialization' : ''}.`,
  initFailed: (body: string) => `The action failed during initialization${body === '' ? '.' : `: ${body}`}`,
  invalidResponse: (body: string) =>
    `The action did not produce a valid JSON or JSON Array response${body === '' ? '.' : `: ${body}`}`,
  truncated: (is: number, max: number, text: string) =>
    `The action produced a response that exceeded the allowed length: ${is} > ${max} bytes. The truncated response was: ${text}`,
  outOfMemory: 'The action exhausted its memory and was aborted.',
  initLost: 'The action did not initialize and exited unexpectedly.',
  runLost: 'The action did not produce a valid response and exited unexpectedly.',
  noResources: 'Failed to provision resources to run the action.',
  noResourcesAs: (why: string) => `Failed to provision resources to run the action. ${why}`,
  actionGone: 'Action could not be found or may have been deleted.',
  actionIncompatible: 'Action version is not compatible and cannot be invoked.',
  actionUnreadable: 'Action could not be fetched.',
  noInstances: 'The action may have no container: its limit of instances is 0.',
  blacklisted: 'The action was not invoked due to a blacklisted namespace.',
} as const;

/** A response whose result is `{"error": <message>}`. */
export function errorResponse(statusCode: StatusCode, message: string): ActivationResponse {
  return { statusCode, resultJson: `{"error":${JSON.stringify(message)}}` };
}

/** What the platform answers where it failed itself. */
export function whiskError(message: string = resultTexts.runLost): ActivationResponse {
  return errorResponse(WHISK_ERROR, message);
}

function lostResponse({ outOfMemory, lost }: ContainerLost, otherwise: string): ActivationResponse {
  if (outOfMemory) return errorResponse(DEVELOPER_ERROR, resultTexts.outOfMemory);
  return lost === undefined ? errorResponse(DEVELOPER_ERROR, otherwise) : whiskError(lost);
}

type Parsed = { readonly json: true; readonly value: unknown } | { readonly json: false };

function parse(text: string): Parsed {
  if (!isShallow(text, MAX_RESULT_DEPTH)) return { json: false };
  try {
    return { json: true, value: JSON.parse(text) };
  } catch {
    return { json: false };
  }
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `{"error": …}` alone: other members are dropped. The text is kept as it came when there are none. */
function onlyError(object: { readonly [key: string]: unknown }, text: string): string {
  return Object.keys(object).length === 1 ? text : JSON.stringify({ error: object['error'] });
}

/** What `/init` makes of the activation: undefined when it succeeded. */
export function interpretInit(
  answer: ContainerAnswer,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): ActivationResponse | undefined {
  if (answer.outcome === 'timed-out') {
    return errorResponse(DEVELOPER_ERROR, resultTexts.timedOut(limits.timeoutMs, 'init'));
  }
  if (answer.outcome === 'lost') return lostResponse(answer, resultTexts.initLost);
  if (answer.status === OK) return undefined;
  if (answer.truncated) {
    const text = resultTexts.truncated(answer.length, limits.maxBytes, answer.body);
    return { ...errorResponse(DEVELOPER_ERROR, text), size: answer.length };
  }
  const parsed = parse(answer.body);
  const size = answer.body.length;
  if (parsed.json && isObject(parsed.value) && Object.hasOwn(parsed.value, 'error')) {
    return { statusCode: DEVELOPER_ERROR, resultJson: onlyError(parsed.value, answer.body), size };
  }
  return { ...errorResponse(DEVELOPER_ERROR, resultTexts.initFailed(answer.body)), size };
}

/** What `/run` makes of the activation. A good result stays the container's own text. */
export function interpretRun(
  answer: ContainerAnswer,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): ActivationResponse {
  if (answer.outcome === 'timed-out') {
    return errorResponse(DEVELOPER_ERROR, resultTexts.timedOut(limits.timeoutMs, 'run'));
  }
  if (answer.outcome === 'lost') return lostResponse(answer, resultTexts.runLost);
  if (answer.truncated) {
    const text = resultTexts.truncated(answer.length, limits.maxBytes, answer.body);
    return { ...errorResponse(APPLICATION_ERROR, text), size: answer.length };
  }
  return interpretBody(answer);
}

function interpretBody({ status, body }: Answer): ActivationResponse {
  const parsed = parse(body);
  const size = body.length;
  if (parsed.json) {
    const { value } = parsed;
    if (isObject(value) && Object.hasOwn(value, 'error')) {
      const statusCode = status === OK ? APPLICATION_ERROR : DEVELOPER_ERROR;
      return { statusCode, resultJson: onlyError(value, body), size };
    }
    if (status === OK && typeof value === 'object' && value !== null) {
      return { statusCode: SUCCESS, resultJson: body, size };
    }
  }
  return { ...errorResponse(DEVELOPER_ERROR, resultTexts.invalidResponse(body)), size };
}
