import type { OperatorAnswer } from '../faults/cluster-control.ts';
import { didYouMean } from '../faults/did-you-mean.ts';
import { InvalidFault, parseFaultRule } from '../faults/parse-fault-rule.ts';
import { jsonAnswer, type HttpAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/route-table.ts';
import type { MarathonOutage } from '../marathon/outage.ts';
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
  /** The fields of a body; others are refused. Absent: they are checked by what they are given to. */
  readonly takes?: Readonly<Record<string, 'number' | 'boolean' | 'string'>>;
  /** What it resolves with is added to the answer. */
  readonly run: (request: Request) => unknown;
}

type AgentCommand = Pick<Command, 'takes' | 'run'>;

function optional<Name extends string>(given: Given, ...names: Name[]): { [name in Name]?: number } {
  const found: { [name in Name]?: number } = {};
  for (const name of names) {
    const value = given[name];
    if (typeof value === 'number') found[name] = value;
  }
  return found;
}

async function moveClock({ control, given }: Request): Promise<unknown> {
  const { jumpMs, advanceMs } = optional(given, 'jumpMs', 'advanceMs');
  if (jumpMs === undefined && advanceMs === undefined)
    throw new InvalidFault(
      'Give "jumpMs", by which the time of day is set, or "advanceMs", which pass at once.',
    );
  if (advanceMs !== undefined && advanceMs < 0)
    throw new InvalidFault('"advanceMs" can\'t be below 0: time only passes; "jumpMs" sets the time of day.');
  if (jumpMs !== undefined) control.jumpClock(jumpMs);
  if (advanceMs !== undefined) await control.advanceClock(advanceMs);
  return { now: control.status().now };
}

/** What the master itself refuses is no success of the control endpoint's either. */
async function byMaster(call: Promise<OperatorAnswer>): Promise<void> {
  const { status, text } = await call;
  if (status >= 400) throw new ControlError(`The master answers ${status}: ${text}`);
}

const agentCommands: Readonly<Record<string, AgentCommand>> = {
  kill: { run: ({ control, number }) => control.killAgent(number) },
  start: { run: ({ control, number }) => control.startAgent(number) },
  restart: { run: ({ control, number }) => control.restartAgent(number) },
  leave: { run: ({ control, number }) => control.leaveAgent(number) },
  partition: { run: ({ control, number }) => control.partitionAgent(number) },
  heal: { run: ({ control, number }) => control.healAgent(number) },
  deactivate: { run: ({ control, number }) => byMaster(control.deactivateAgent(number)) },
  reactivate: { run: ({ control, number }) => byMaster(control.reactivateAgent(number)) },
  drain: {
    takes: { maxGraceMs: 'number', markGone: 'boolean' },
    run: ({ control, number, given }) =>
      byMaster(
        control.drainAgent(number, {
          ...optional(given, 'maxGraceMs'),
          ...(given['markGone'] === true ? { markGone: true } : {}),
        }),
      ),
  },
  gone: { run: ({ control, number }) => byMaster(control.markAgentGone(number)) },
  maintenance: {
    takes: { startInMs: 'number', durationMs: 'number' },
    run: ({ control, number, given }) =>
      byMaster(control.scheduleMaintenance(number, optional(given, 'startInMs', 'durationMs'))),
  },
};

const masterCommands: Readonly<Record<string, AgentCommand>> = {
  kill: { run: ({ control, number }) => control.killMaster(number) },
  start: { run: ({ control, number }) => control.startMaster(number) },
  restart: { run: ({ control, number }) => control.restartMaster(number) },
  elect: { run: ({ control, number }) => control.electMaster(number) },
};

function commandsOf(kind: string, commands: typeof agentCommands): Command[] {
  return Object.entries(commands).map(([name, { takes = {}, run }]) => ({
    method: 'POST',
    path: new RegExp(`^/${kind}/(\\d+)/${name}$`),
    takes,
    run,
  }));
}

const commands: readonly Command[] = [
  { method: 'GET', path: /^$/, run: ({ control }) => control.status() },
  ...commandsOf('agents', agentCommands),
  ...commandsOf('masters', masterCommands),
  {
    method: 'DELETE',
    path: /^\/maintenance$/,
    takes: {},
    run: ({ control }) => byMaster(control.cancelMaintenance()),
  },
  {
    method: 'POST',
    path: /^\/leader\/kill$/,
    takes: {},
    run: async ({ control }) => ({ killed: await control.killLeader() }),
  },
  { method: 'GET', path: /^\/faults$/, run: ({ control }) => ({ faults: control.status().faults }) },
  {
    method: 'POST',
    path: /^\/faults$/,
    run: ({ control, given }) => ({ id: control.addFault(parseFaultRule(given)) }),
  },
  { method: 'DELETE', path: /^\/faults$/, takes: {}, run: ({ control }) => control.clearFaults() },
  {
    method: 'DELETE',
    path: /^\/faults\/(\d+)$/,
    takes: {},
    run: ({ control, number }) => {
      if (!control.removeFault(number)) throw new ControlError(`There is no fault ${number}.`);
    },
  },
  {
    method: 'POST',
    path: /^\/marathon\/outage$/,
    takes: { outage: 'string' },
    run: ({ control, given }) => control.setMarathonOutage(asOutage(given['outage'])),
  },
  {
    method: 'DELETE',
    path: /^\/marathon\/outage$/,
    takes: {},
    run: ({ control }) => control.setMarathonOutage(undefined),
  },
  {
    method: 'POST',
    path: /^\/clock$/,
    takes: { jumpMs: 'number', advanceMs: 'number' },
    run: moveClock,
  },
  {
    method: 'POST',
    path: /^\/offers\/rescind$/,
    takes: { frameworkId: 'string' },
    run: ({ control, given }) => {
      const { frameworkId } = given;
      control.rescindOffers(typeof frameworkId === 'string' ? frameworkId : undefined);
    },
  },
];

/** Given as a text; whether it is one is checked by what it is given to. */
function asOutage(outage: unknown): MarathonOutage {
  return (outage ?? '') as MarathonOutage;
}

/** A field that is misspelt would be left out in silence, and something else would happen. */
function checkGiven(given: Given, takes: NonNullable<Command['takes']>): void {
  for (const [name, value] of Object.entries(given)) {
    const type = Object.hasOwn(takes, name) ? takes[name] : undefined;
    if (type === undefined)
      throw new InvalidFault(`"${name}" is no field here: ${didYouMean(name, Object.keys(takes))}`);
    if (typeof value !== type) throw new InvalidFault(`"${name}" has to be a ${type}.`);
  }
}

/** All answers are JSON objects on a line of their own. */
function answerOf(status: number, value: object): HttpAnswer {
  const answer = jsonAnswer(value);
  return { ...answer, status, body: `${answer.body.toString()}\n` };
}

function refusal(status: number, error: string): HttpAnswer {
  return answerOf(status, { error });
}

async function readGiven(exchange: Exchange): Promise<Given> {
  const text = (await exchange.body()).toString();
  if (text.trim() === '') return {};
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Given;
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
    if (command.takes) checkGiven(given, command.takes);
    const result = await command.run({ control, number, given });
    return answerOf(200, {
      ...(command.method === 'GET' ? {} : { done: true }),
      ...(result as object | undefined),
    });
  } catch (error) {
    if (error instanceof InvalidFault) return refusal(400, error.message);
    if (error instanceof ControlError) return refusal(409, error.message);
    throw error;
  }
}

/** Serves `/simulator/…`: JSON in, JSON out; changes answer `{"done": true}` and what there is to say, errors `{"error": "…"}`. */
export function addControlRoutes(table: RouteTable, control: SimulatorControl): void {
  table.add(['/simulator'], async (exchange) => exchange.answer(await serve(exchange, control)));
}
