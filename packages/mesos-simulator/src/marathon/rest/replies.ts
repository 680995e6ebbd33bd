import { jsonAnswer, type HttpAnswer } from '../../http/answer.ts';
import type { AppProblem } from '../app-problems.ts';

type Headers = readonly (readonly [name: string, value: string])[];

/** All that the API says is JSON. */
export function reply(status: number, value: unknown, headers: Headers = []): HttpAnswer {
  const answer = jsonAnswer(value);
  return { ...answer, status, headers: [...headers, ...answer.headers] };
}

/** Marathon's errors are objects with a message. */
export function failure(status: number, message: string, details?: readonly AppProblem[]): HttpAnswer {
  return reply(status, { message, ...(details ? { details } : {}) });
}

export const noSuchApp = (id: string): HttpAnswer => failure(404, `App '${id}' does not exist`);

/** A definition that can't be read (400) or run (422). */
export function invalid(status: 400 | 422, problems: readonly AppProblem[]): HttpAnswer {
  return failure(status, status === 400 ? 'Invalid JSON' : 'Object is not valid', problems);
}

/** Others are at it. */
export function locked(deployments: readonly string[]): HttpAnswer {
  const hint = `View details at '/v2/deployments/<DEPLOYMENT_ID>'.`;
  return reply(409, {
    message: `App is locked by one or more deployments. Override with the option '?force=true'. ${hint}`,
    deployments: deployments.map((id) => ({ id })),
  });
}

export function notAllowed(method: string): HttpAnswer {
  return failure(405, `HTTP 405 Method Not Allowed: ${method}`);
}
