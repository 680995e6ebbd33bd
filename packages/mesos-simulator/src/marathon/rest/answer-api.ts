import { textAnswer, type HttpAnswer } from '../../http/answer.ts';
import type { MarathonState } from '../marathon-state.ts';
import type { ApiCall } from '../messages.ts';
import { answerApp, answerApps } from './app-requests.ts';
import { answerDeployments } from './deployment-requests.ts';
import { failure, notAllowed, reply } from './replies.ts';
import { answerAppTasks, answerTasks } from './task-requests.ts';

/** Answers a request of the REST API, and changes what it asks for. */
export function answerApi(state: MarathonState, call: ApiCall): HttpAnswer {
  const parts = call.path.split('/').filter(Boolean).map(decode);
  const [root, resource, ...rest] = parts;
  if (root === 'ping' && resource === undefined) return textAnswer(200, 'pong');
  const notFound = failure(404, `There is nothing at ${call.path}`);
  if (root !== 'v2') return notFound;
  switch (resource) {
    case 'apps':
      return answerAppPath(state, call, rest);
    case 'tasks':
      return answerTasks(state, call, rest);
    case 'deployments':
      return answerDeployments(state, call, rest);
    case 'info':
      return call.method === 'GET' ? reply(200, info(state)) : notAllowed(call.method);
    case 'leader':
      return call.method === 'GET' ? reply(200, { leader: state.settings.address }) : notAllowed(call.method);
    default:
      return notFound;
  }
}

/** An escaped slash is one of an id. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // The app of this name is not found.
    return part;
  }
}

/** Ids have slashes: what stands behind one is told by its own words, which are none of ids. */
function answerAppPath(state: MarathonState, call: ApiCall, rest: readonly string[]): HttpAnswer {
  const parts = rest.flatMap((part) => part.split('/')).filter(Boolean);
  if (parts.length === 0) return answerApps(state, call);
  const at = parts.findIndex((part) => part === 'tasks' || part === 'restart' || part === 'versions');
  if (at < 1) return answerApp(state, call, { id: `/${parts.join('/')}` });
  const id = `/${parts.slice(0, at).join('/')}`;
  const [word, last, ...more] = parts.slice(at);
  if (more.length > 0) return failure(404, `There is nothing at ${call.path}`);
  if (word === 'tasks') return answerAppTasks(state, call, { id, taskId: last });
  return answerApp(state, call, { id, word, last });
}

function info({ settings, session }: MarathonState) {
  return {
    name: 'marathon',
    version: settings.version,
    buildref: 'simulated',
    elected: true,
    leader: settings.address,
    frameworkId: session.frameworkId ?? null,
    marathon_config: { framework_name: 'marathon', mesos_role: '*', checkpoint: true, ha: true },
    http_config: { http_port: Number(settings.address.split(':').at(-1)) },
  };
}
