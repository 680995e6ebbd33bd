import { emptyAnswer, jsonAnswer, methodNotAllowed, textAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/route-table.ts';
import { addFileRoutes } from '../files/file-routes.ts';
import { answerAgentCall, type AgentCallContext } from './agent-calls.ts';
import { agentMetrics, agentStateView, containersView } from './agent-views.ts';
import { versionInfo } from './version-info.ts';

async function call(exchange: Exchange, context: AgentCallContext): Promise<void> {
  if (exchange.method !== 'POST') return exchange.answer(methodNotAllowed('POST', exchange.method));
  const type = exchange.header('content-type');
  if (type === undefined) return exchange.answer(textAnswer(400, "Expecting 'Content-Type' to be present"));
  if (type !== 'application/json') {
    return exchange.answer(textAnswer(415, "Expecting 'Content-Type' of application/json"));
  }
  const body = (await exchange.body()).toString();
  exchange.answer(await answerAgentCall(body, context));
}

/** Serves everything of an agent: its state, its files and its operator API. */
export function addAgentRoutes(table: RouteTable, context: AgentCallContext): void {
  const { picture } = context;
  const both = (name: string) => [`/${name}`, `/slave(1)/${name}`];
  const json = (exchange: Exchange, value: unknown) =>
    exchange.answer(jsonAnswer(value, exchange.query.get('jsonp')));
  addFileRoutes(table, context.files);
  table
    .add(both('health'), (exchange) => exchange.answer(emptyAnswer(200)))
    .add(both('state'), (exchange) => json(exchange, agentStateView(picture())))
    .add(both('containers'), (exchange) => json(exchange, containersView(picture())))
    .add([...both('monitor/statistics'), '/monitor/statistics.json'], (exchange) => {
      const all = containersView(picture());
      json(
        exchange,
        all.map(({ container_id: _id, status: _status, ...rest }) => rest),
      );
    })
    .add(both('flags'), (exchange) => json(exchange, { flags: picture().flags }))
    .add(both('api/v1'), (exchange) => call(exchange, context))
    .add(['/version'], (exchange) => json(exchange, versionInfo(picture().info.version)))
    .add(['/metrics/snapshot'], (exchange) => json(exchange, agentMetrics(picture())));
}
