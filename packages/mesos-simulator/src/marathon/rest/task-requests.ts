import type { HttpAnswer } from '../../http/answer.ts';
import type { Json } from '../app-spec.ts';
import type { Change } from '../deploy.ts';
import type { Instance } from '../instance.ts';
import { findApp, instancesOf, type MarathonState } from '../marathon-state.ts';
import type { ApiCall } from '../messages.ts';
import { killTask } from '../task-updates.ts';
import { deployAll } from './app-requests.ts';
import { renderTask } from './render-app.ts';
import { failure, noSuchApp, notAllowed, reply } from './replies.ts';

/** `/v2/tasks`, `/v2/tasks/delete` */
export function answerTasks(state: MarathonState, call: ApiCall, rest: readonly string[]): HttpAnswer {
  const [word] = rest;
  if (word === undefined && call.method === 'GET') {
    const wanted = call.query.getAll('status').map((status) => `TASK_${status.toUpperCase()}`);
    const tasks = [...state.instances.values()].filter(
      (each) => wanted.length === 0 || wanted.includes(each.state),
    );
    return reply(200, { tasks: tasks.map(renderTask) });
  }
  const isDelete =
    word === undefined ? call.method === 'DELETE' : word === 'delete' && call.method === 'POST';
  if (!isDelete) return notAllowed(call.method);
  const ids = readIds(call.body);
  if (!ids) return failure(400, 'Give the tasks as {"ids": ["…"]}.');
  return kill(
    state,
    call.query,
    ids.flatMap((id) => state.instances.get(id) ?? []),
  );
}

/** `/v2/apps/{id}/tasks`, `/v2/apps/{id}/tasks/{taskId}` */
export function answerAppTasks(
  state: MarathonState,
  call: ApiCall,
  { id, taskId }: { readonly id: string; readonly taskId?: string | undefined },
): HttpAnswer {
  if (!findApp(state, id)) return noSuchApp(id);
  const instances = instancesOf(state, id);
  if (call.method === 'GET' && taskId === undefined) return reply(200, { tasks: instances.map(renderTask) });
  if (call.method !== 'DELETE') return notAllowed(call.method);
  if (taskId === undefined) {
    const host = call.query.get('host');
    return kill(
      state,
      call.query,
      instances.filter((each) => host === null || each.host === host),
    );
  }
  const instance = instances.find((each) => each.taskId === taskId);
  if (!instance) return failure(404, `Task '${taskId}' does not exist`);
  if (call.query.get('scale') === 'true') return kill(state, call.query, [instance]);
  killTask(state, instance);
  return reply(200, { task: renderTask(instance) });
}

/** Killed tasks are replaced, unless their apps are to shrink with them. */
function kill(state: MarathonState, query: URLSearchParams, instances: readonly Instance[]): HttpAnswer {
  if (query.get('scale') !== 'true') {
    for (const instance of instances) killTask(state, instance);
    return reply(200, { tasks: instances.map(renderTask) });
  }
  const answer = deployAll(state, query, shrunk(state, instances));
  if (answer.status === 200) for (const instance of instances) killTask(state, instance);
  return answer;
}

function shrunk(state: MarathonState, instances: readonly Instance[]): Change[] {
  const ids = [...new Set(instances.map(({ app }) => app.id))];
  return ids.flatMap((id): Change[] => {
    const app = findApp(state, id)?.app;
    if (!app) return [];
    const gone = instances.filter((each) => each.app.id === id && each.killedMs === undefined).length;
    const count = Math.max(0, app.instances - gone);
    return [{ kind: 'set', app: { ...app, instances: count, json: { ...app.json, instances: count } } }];
  });
}

function readIds(body: string): readonly string[] | undefined {
  try {
    const { ids } = JSON.parse(body) as Json;
    return Array.isArray(ids) ? ids.map(String) : undefined;
  } catch {
    // Refused by the caller.
    return undefined;
  }
}
