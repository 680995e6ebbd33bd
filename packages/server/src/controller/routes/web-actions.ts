import { missing } from '../not-available.ts';
import type { Answer } from '../../http/answer.ts';
import type { OpenRoute } from '../../http/route.ts';

function refuse(): Answer {
  throw missing('Web actions', 404, ': call the action with its key, at /api/v1/namespaces/_/actions/NAME');
}

/** The addresses of web actions: nothing is served there, and the answer says so to whoever was given one. */
export function webActionRoutes(): OpenRoute[] {
  return (['GET', 'HEAD', 'PUT', 'POST', 'DELETE'] as const).map((method) => ({
    method,
    path: '/api/v1/web/*',
    access: 'public',
    handle: refuse,
  }));
}
