import { cpus, freemem, loadavg, totalmem } from 'node:os';

import { emptyAnswer, jsonAnswer, methodNotAllowed, textAnswer, type HttpAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/route-table.ts';
import type { MasterCore } from '../master/master-core.ts';
import type { MasterAddress } from '../master/messages.ts';
import type { MasterSnapshot } from '../master/snapshot.ts';
import {
  frameworksView,
  rolesView,
  slavesView,
  stateView,
  summaryView,
  tasksView,
  type TaskPage,
} from './master-views.ts';
import { systemMetrics } from './metrics.ts';
import { versionInfo } from './version-info.ts';

const DEFAULT_TASK_PAGE = 100;

/** What the master's endpoints besides the two APIs are served from. */
export interface MasterRouteContext {
  readonly address: () => MasterAddress;
  readonly leadership: () => MasterCore['leadership'];
  readonly snapshot: () => MasterSnapshot;
  /** A call of the operator API. */
  readonly operatorCall: (call: unknown) => Promise<HttpAnswer>;
}

type View = (snapshot: MasterSnapshot, exchange: Exchange) => unknown;

/** Who doesn't lead sends to who does; scheme and all else is the client's own. */
function redirected(exchange: Exchange, context: MasterRouteContext): boolean {
  const leadership = context.leadership();
  if (leadership === 'leading') return false;
  if (typeof leadership === 'string') {
    exchange.answer(
      textAnswer(503, leadership === 'none' ? 'No leader elected' : 'Master has not finished recovery'),
    );
    return true;
  }
  const path = exchange.target.startsWith('/master/') ? exchange.target : `/master${exchange.target}`;
  exchange.answer(emptyAnswer(307, [['Location', `//${leadership.leader}${path}`]]));
  return true;
}

function page({ query }: Exchange): TaskPage {
  const number = (name: string, preset: number) => {
    const text = query.get(name);
    return text !== null && /^\d+$/.test(text) ? Number(text) : preset;
  };
  const frameworkId = query.get('framework_id');
  const taskId = query.get('task_id');
  return {
    limit: number('limit', DEFAULT_TASK_PAGE),
    offset: number('offset', 0),
    ascending: query.get('order') === 'asc',
    ...(frameworkId === null ? {} : { frameworkId }),
    ...(taskId === null ? {} : { taskId }),
  };
}

const views: readonly (readonly [names: readonly string[], view: View])[] = [
  [['state'], stateView],
  [['state-summary'], summaryView],
  [['slaves'], (snapshot, { query }) => slavesView(snapshot, query.get('slave_id'))],
  [['frameworks'], (snapshot, { query }) => frameworksView(snapshot, query.get('framework_id'))],
  [['tasks'], (snapshot, exchange) => tasksView(snapshot, page(exchange))],
  [['roles'], rolesView],
  [['weights'], () => []],
  [['quota'], () => ({})],
  [['maintenance/schedule', 'maintenance/status'], () => ({})],
];

/** These change something, by POST; use the operator API instead. */
const writers = ['machine/down', 'machine/up', 'reserve', 'unreserve', 'create-volumes', 'destroy-volumes'];

function show(view: View, exchange: Exchange, context: MasterRouteContext): void {
  if (redirected(exchange, context)) return;
  exchange.answer(jsonAnswer(view(context.snapshot(), exchange), exchange.query.get('jsonp')));
}

/** Without a leader, to itself. */
function redirect(exchange: Exchange, context: MasterRouteContext): void {
  const { hostname, port } = context.address();
  const leadership = context.leadership();
  const target = typeof leadership === 'string' ? `${hostname}:${port}` : leadership.leader;
  exchange.answer(emptyAnswer(307, [['Location', `//${target}`]]));
}

/** The older way to tear a framework down: a form with its id. */
async function teardown(exchange: Exchange, context: MasterRouteContext): Promise<void> {
  if (redirected(exchange, context)) return;
  if (exchange.method !== 'POST') return exchange.answer(methodNotAllowed('POST', exchange.method));
  const id = new URLSearchParams((await exchange.body()).toString()).get('frameworkId');
  if (id === null) {
    return exchange.answer(textAnswer(400, "Missing 'frameworkId' query parameter in the request body"));
  }
  const { status } = await context.operatorCall({
    type: 'TEARDOWN',
    teardown: { framework_id: { value: id } },
  });
  exchange.answer(status < 300 ? emptyAnswer(200) : textAnswer(400, 'No framework found with specified ID'));
}

function systemStats(): unknown {
  const [avg_load_1min = 0, avg_load_5min = 0, avg_load_15min = 0] = loadavg();
  return {
    avg_load_15min,
    avg_load_1min,
    avg_load_5min,
    cpus_total: cpus().length,
    mem_free_bytes: freemem(),
    mem_total_bytes: totalmem(),
  };
}

function both(...names: string[]): string[] {
  return names.flatMap((name) => [`/${name}`, `/master/${name}`]);
}

/** Serves everything of a master but the scheduler's and the operator's API. */
export function addMasterRoutes(table: RouteTable, context: MasterRouteContext): void {
  for (const [names, view] of views) {
    table.add(both(...names), (exchange) => show(view, exchange, context));
  }
  for (const name of writers) {
    table.add(both(name), (exchange) =>
      exchange.answer(
        exchange.method === 'POST'
          ? textAnswer(501, 'The simulator leaves this out: use the operator API at /api/v1')
          : methodNotAllowed('POST', exchange.method),
      ),
    );
  }
  table
    .add(both('health'), (exchange) => exchange.answer(emptyAnswer(200)))
    .add(both('teardown'), (exchange) => teardown(exchange, context))
    .add(both('redirect'), (exchange) => redirect(exchange, context))
    .add(both('flags'), (exchange) => exchange.answer(jsonAnswer({ flags: context.snapshot().flags })))
    .add(['/version'], (exchange) =>
      exchange.answer(jsonAnswer(versionInfo(context.snapshot().info.version ?? ''))),
    )
    .add(['/metrics/snapshot'], (exchange) =>
      exchange.answer(jsonAnswer({ ...context.snapshot().metrics, ...systemMetrics() })),
    )
    .add(['/system/stats.json'], (exchange) => exchange.answer(jsonAnswer(systemStats())))
    .add(['/logging/toggle'], (exchange) => exchange.answer(textAnswer(200, '0\n')));
}
