import { InvalidFault, parseFaultRule } from '../faults/parse-fault-rule.ts';
import { jsonAnswer, type HttpAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/route-table.ts';
import { ControlError, type SimulatorControl } from './control.ts';

type Given = Readonly<Record<string, unknown>>;

interface Request {
  readonly control: SimulatorControl;
  readonly number: number;
  readonly given: Given;
}

interface Command {
  readonly method: string;
  /** Below `/simulator`; a group is a number. */
  readonly path: RegExp;
  readonly run: (request: Request) => unknown;
}

function numberOf(given: Given, name: string): number | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new InvalidFault(`"${name}" has to be a number.`);
  return value;
}

function optional<Name extends string>(given: Given, ...names: Name[]): { [name in Name]?: number } {
  const found: { [name in Name]?: number } = {};
  for (const name of names) {
    const value = numberOf(given, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

async function moveClock({ control, given }: Request): Promise<unknown> {
  const { jumpMs, advanceMs } = optional(given, 'jumpMs', 'advanceMs');
  if (jumpMs === undefined && advanceMs === undefined)
    throw new InvalidFault(
      'Give "jumpMs", by which the time of day is set, or "advanceMs", which pass at once.',
    );
  if (jumpMs !== undefined) control.jumpClock(jumpMs);
  if (advanceMs !== undefined) await control.advanceClock(advanceMs);
  return control.status();
}

const agentCommands: Readonly<Record<string, (request: Request) => unknown>> = {
  kill: ({ control, number }) => control.killAgent(number),
  start: ({ control, number }) => control.startAgent(number),
  restart: ({ control, number }) => control.restartAgent(number),
  leave: ({ control, number }) => control.leaveAgent(number),
  partition: ({ control, number }) => control.partitionAgent(number),
  heal: ({ control, number }) => control.healAgent(number),
  deactivate: ({ control, number }) => control.deactivateAgent(number),
  reactivate: ({ control, number }) => control.reactivateAgent(number),
  drain: ({ control, number, given }) =>
    control.drainAgent(number, {
      ...optional(given, 'maxGraceMs'),
      ...(given['markGone'] === true ? { markGone: true } : {}),
    }),
  gone: ({ control, number }) => control.markAgentGone(number),
  maintenance: ({ control, number, given }) =>
    control.scheduleMaintenance(number, optional(given, 'startInMs', 'durationMs')),
};

const masterCommands: Readonly<Record<string, (request: Request) => unknown>> = {
  kill: ({ control, number }) => control.killMaster(number),
  start: ({ control, number }) => control.startMaster(number),
  restart: ({ control, number }) => control.restartMaster(number),
  elect: ({ control, number }) => control.electMaster(number),
};

function commandsOf(kind: string, commands: typeof agentCommands): Command[] {
  return Object.entries(commands).map(([name, run]) => ({
    method: 'POST',
    path: new RegExp(`^/${kind}/(\\d+)/${name}$`),
    run,
  }));
}

const commands: readonly Command[] = [
  { method: 'GET', path: /^$/, run: ({ control }) => control.status() },
  ...commandsOf('agents', agentCommands),
  ...commandsOf('masters', masterCommands),
  { method: 'DELETE', path: /^\/maintenance$/, run: ({ control }) => control.cancelMaintenance() },
  {
    method: 'POST',
    path: /^\/leader\/kill$/,
    run: async ({ control }) => ({ killed: await control.killLeader() }),
  },
  { method: 'GET', path: /^\/faults$/, run: ({ control }) => control.status().faults },
  {
    method: 'POST',
    path: /^\/faults$/,
    run: ({ control, given }) => ({ id: control.addFault(parseFaultRule(given)) }),
  },
  { method: 'DELETE', path: /^\/faults$/, run: ({ control }) => control.clearFaults() },
  {
    method: 'DELETE',
    path: /^\/faults\/(\d+)$/,
    run: ({ control, number }) => {
      if (!control.removeFault(number)) throw new ControlError(`There is no fault ${number}.`);
    },
  },
  { method: 'POST', path: /^\/clock$/, run: moveClock },
  {
    method: 'POST',
    path: /^\/offers\/rescind$/,
    run: ({ control, given }) => {
      const { frameworkId } = given;
      control.rescindOffers(typeof frameworkId === 'string' ? frameworkId : undefined);
    },
  },
];

function refusal(status: number, error: string): HttpAnswer {
  return { ...jsonAnswer({ error }), status };
}

async function readGiven(exchange: Exchange): Promise<Given> {
  const text = (await exchange.body()).toString();
  if (text.trim() === '') return {};
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given === 'object' && given !== null) return given as Given;
  } catch {
    // Said below.
  }
  throw new InvalidFault('The body has to be a JSON object.');
}

async function serve(exchange: Exchange, control: SimulatorControl): Promise<HttpAnswer> {
  // A web page that somebody looks at must not be able to do this behind their back.
  if (exchange.header('origin') !== undefined)
    return refusal(403, 'The control endpoint is not for browsers.');
  const path = exchange.path.slice('/simulator'.length).replace(/\/+$/, '');
  const fitting = commands.filter((command) => command.path.test(path));
  const command = fitting.find(({ method }) => method === exchange.method);
  if (!command) {
    return fitting.length > 0
      ? refusal(405, `Use ${fitting.map(({ method }) => method).join(' or ')}.`)
      : refusal(404, 'There is no such control; the README of the simulator lists them.');
  }
  const number = Number(command.path.exec(path)?.[1] ?? 0);
  try {
    const given = await readGiven(exchange);
    const result = await command.run({ control, number, given });
    return jsonAnswer(result ?? { done: true });
  } catch (error) {
    if (error instanceof InvalidFault) return refusal(400, error.message);
    if (error instanceof ControlError) return refusal(409, error.message);
    throw error;
  }
}

/** Serves `/simulator/…`: JSON in, JSON out; errors as `{"error": "…"}`. */
export function addControlRoutes(table: RouteTable, control: SimulatorControl): void {
  table.add(['/simulator'], async (exchange) => exchange.answer(await serve(exchange, control)));
}
