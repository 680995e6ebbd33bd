import type { SystemLimits } from '@vibrissa/protocol';
import type { Operation, ResponseDescription, Responses } from '../../http/operation.ts';

const texts = {
  400: 'Bad request',
  401: 'Missing or wrong credentials',
  403: 'Not authorized',
  404: 'Not found',
  408: 'Request timed out',
  409: 'Conflict',
  413: 'Too large',
  429: 'Too many requests',
  500: 'Server error',
} as const;

type Failure = keyof typeof texts;

function failure(status: Failure): ResponseDescription {
  return { description: texts[status], body: { definition: 'ErrorMessage' } };
}

/** The error statuses that OpenWhisk's document declares for an operation. */
export function failures(...statuses: readonly Failure[]): Responses {
  return Object.fromEntries(statuses.map((status) => [status, failure(status)]));
}

/** A success with one document. */
export function one(definition: string, description: string): ResponseDescription {
  return { description, body: { definition } };
}

/** A success with a list. */
export function listOf(definition: string, description: string): ResponseDescription {
  return { description, body: { listOf: definition } };
}

/** `limit`, `skip` and `count` of every list. */
export function pageQuery({ std, max }: SystemLimits['listLimit']): NonNullable<Operation['query']> {
  const description = 'Most entities to return; 0 for as many as there may be';
  return {
    limit: { type: 'integer', description, minimum: 0, maximum: max, default: std },
    skip: { type: 'integer', description: 'Entities to leave out first', minimum: 0, default: 0 },
    count: { type: 'boolean', description: 'Return how many there are instead', default: false },
  };
}
