import type { IncomingMessage } from 'node:http';

import type { TaskSpec } from '@vibrissa/mesos';
import type { Registry } from 'prom-client';

import type { Observed } from './framework-metrics.ts';
import { BadRequest, readJson } from './read-json.ts';
import { refusePages } from './refuse-pages.ts';

export interface StatusAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface StatusRoutes extends Observed {
  readonly registry: Registry;
  /** Tasks may be submitted and deleted. */
  readonly changesTasks: boolean;
}

/** Answers one request; never rejects. */
export async function answerStatus(routes: StatusRoutes, request: IncomingMessage): Promise<StatusAnswer> {
  try {
    return await route(routes, request);
  } catch (error) {
    return json(statusOf(error), { error: messageOf(error), code: codeOf(error) });
  }
}

async function route(routes: StatusRoutes, request: IncomingMessage): Promise<StatusAnswer> {
  const { cluster, framework, registry } = routes;
  refusePages(request);
  const pathname = request.url?.split('?', 1)[0] ?? '/';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && pathname === '/cluster') return json(200, { ...cluster.view(), framework: framework.view() });
  // Whoever answers works: to kill an instance because the others are gone would not bring them back.
  if (isRead && pathname === '/health') return json(200, { standing: cluster.view().standing });
  if (isRead && pathname === '/tasks') return json(200, framework.tasks());
  if (isRead && pathname === '/metrics') {
    return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
  }
  if (routes.changesTasks && request.method === 'POST' && pathname === '/tasks')
    return submit(routes, request);
  const id = /^\/tasks\/([^/]+)$/.exec(pathname)?.[1];
  if (routes.changesTasks && request.method === 'DELETE' && id !== undefined) {
    return json(200, await framework.delete(idOf(id)));
  }
  throw new BadRequest(404, 'There are GET /cluster, /health, /metrics and /tasks.');
}

async function submit({ framework }: StatusRoutes, request: IncomingMessage): Promise<StatusAnswer> {
  const spec = await readJson(request);
  // What is wrong with it is found by `submit` itself.
  const { id } = await framework.submit(spec as TaskSpec);
  return json(201, { id });
}

function idOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRequest(400, 'The id in the path is no valid URL encoding.');
  }
}

function json(status: number, value: unknown): StatusAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

const statuses: Readonly<Record<string, number>> = {
  INVALID_TASK: 400,
  UNKNOWN_TASK: 404,
  DUPLICATE_TASK: 409,
  NO_LEADER: 503,
  OUTCOME_UNKNOWN: 503,
  CLOSED: 503,
};

function statusOf(error: unknown): number {
  if (error instanceof BadRequest) return error.status;
  return statuses[codeOf(error) ?? ''] ?? 500;
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
