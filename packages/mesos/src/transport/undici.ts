import { createRequire } from 'node:module';

import type { Agent, Client, Dispatcher } from 'undici';

/**
 * The parts of undici that are used, loaded when they are: an instance that only stands by needs none of them, and the
 * rest of it (fetch, WebSocket, caches) would cost as much memory again. Its version is pinned for these paths.
 */
const load = createRequire(import.meta.url);

type Ask = (this: Agent, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

export function undiciClient(): typeof Client {
  return load('undici/lib/dispatcher/client.js') as typeof Client;
}

export function undiciAgent(): typeof Agent {
  return load('undici/lib/dispatcher/agent.js') as typeof Agent;
}

/** One request through the agent; as undici's own `request`. */
export function ask(agent: Agent, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
  return (load('undici/lib/api/api-request.js') as Ask).call(agent, options);
}
