import type { MesosReport } from '../administration/mesos-report.ts';
import { amount, spanText } from './plain-words.ts';
import { tableText, wrapped, type Column } from './table-text.ts';

/** Of a file or a pipe. */
const WIDTH = 100;
/** Narrower ones break lines. */
const LEAST_WIDTH = 80;
const WIDEST = 160;
const INDENT = '  ';

interface Shown {
  readonly nowMs: number;
  readonly width: number;
}

type Task = MesosReport['tasks'][number];

/** The pool's words, as they are told to who has never seen the pool. */
const plainStates: { readonly [state: string]: string } = {
  starting: 'starting',
  prewarmed: 'prewarmed',
  initialising: 'loading code',
  ready: 'warm, idle',
  running: 'running',
  pausing: 'warm, idle',
  paused: 'warm, frozen',
  resuming: 'warm, idle',
  removing: 'being removed',
  gone: 'being removed',
};

function connectionText({ masters, connection }: MesosReport, nowMs: number): string {
  const span = spanText(Math.max(0, nowMs - connection.since));
  if (connection.subscribed) return `${masters}, subscribed for ${span}`;
  return `${masters}, NOT SUBSCRIBED for ${span}${connection.why === undefined ? '' : `: ${connection.why}`}`;
}

function headText(report: MesosReport, { nowMs, width }: Shown): string {
  const { framework, memory, offersHeld } = report;
  const rows = [
    ['framework', `${framework.name}, ${framework.id === undefined ? 'without an id yet' : framework.id}`],
    ['role', framework.role],
    ['Mesos', connectionText(report, nowMs)],
    ['memory', `${memory.usedMb} of ${memory.userMemoryMb} MB taken (containerPool.userMemoryMb)`],
    ['offers', `${offersHeld} in hand, for containers to come`],
    [
      'tasks',
      `${report.tasks.length}; they ${
        framework.teardownOnExit || framework.failoverTimeoutMs === 0
          ? 'are removed with the platform when it stops'
          : `outlive the platform by ${spanText(framework.failoverTimeoutMs)}`
      }`,
    ],
  ] as const;
  const margin = 11;
  return rows
    .map(([name, text]) => name.padEnd(margin) + wrapped(text, width, ' '.repeat(margin)).trimStart())
    .join('');
}

const agentColumns: readonly Column[] = [
  { heading: 'AGENT', atMost: 30 },
  { heading: 'STATE' },
  { heading: 'CPUS FREE', align: 'right' },
  { heading: 'OF', align: 'right' },
  { heading: 'MB FREE', align: 'right' },
  { heading: 'OF', align: 'right' },
  { heading: 'OUR TASKS', align: 'right' },
];

function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function agentStateText(active: boolean, deactivated: boolean): string {
  if (deactivated) return 'deactivated';
  return active ? 'active' : 'disconnected';
}

function agentsText({ agents, agentsUnknown, tasks }: MesosReport, width: number): string {
  if (agents === undefined) {
    return wrapped(`The agents are not known: ${agentsUnknown ?? 'the master did not tell them'}`, width, '');
  }
  if (agents.length === 0) return 'The cluster has no agents.\n';
  const rows = agents.map(({ hostname, active, deactivated, free, total }) => [
    hostname,
    agentStateText(active, deactivated),
    plain(free.cpus),
    plain(total.cpus),
    plain(free.memoryMb),
    plain(total.memoryMb),
    String(tasks.filter(({ agent }) => agent === hostname).length),
  ]);
  return tableText(agentColumns, rows, width);
}

/** A narrow screen shows the beginning of an id, which tells tasks apart, so that the action has its place. */
function taskColumns(width: number): readonly Column[] {
  return [
    { heading: 'TASK', atMost: width < WIDTH ? 20 : 40 },
    { heading: 'AGENT', atMost: width < WIDTH ? 15 : 16 },
    { heading: 'STATE', atMost: 18 },
    { heading: 'RUNS', align: 'right' },
    { heading: 'ACTION OR KIND' },
  ];
}

/** What Mesos says counts until the task runs, and when it is about to end; in between the pool knows more. */
function stateText({ container, state }: Task): string {
  if (state === undefined || state === 'TASK_STAGING' || state === 'TASK_STARTING') return 'starting';
  if (state !== 'TASK_RUNNING') return `Mesos: ${state.replace(/^TASK_/, '').toLowerCase()}`;
  if (container === undefined) return 'not in use';
  const word = plainStates[container.state] ?? container.state;
  return container.active > 1 ? `${word} (${container.active})` : word;
}

function taskRow(task: Task): string[] {
  const { agent = '–', container, id, kind, memoryMb } = task;
  const runs = container?.activations;
  const what = container?.action ?? `${kind}, ${memoryMb} MB`;
  return [id, agent, stateText(task), runs === undefined ? '–' : String(runs), what];
}

function waitingText({ waiting }: MesosReport, width: number): string {
  if (waiting.length === 0) return '';
  const entries = waiting.map(({ id, kind, memoryMb, waitedMs, why }) => {
    const head = `${id} (${kind}, ${memoryMb} MB), for ${spanText(waitedMs)}\n`;
    return `${head}${wrapped(why, width, INDENT)}`;
  });
  return `\n${amount(waiting.length, 'task')} waiting for resources:\n${entries.join('')}`;
}

function failuresText({ failedStarts }: MesosReport, { nowMs, width }: Shown): string {
  if (failedStarts.length === 0) return '';
  const entries = failedStarts.map(({ agent, at, kind, memoryMb, reason, times }) => {
    const where = agent === undefined ? '' : ` on ${agent}`;
    const count = times === 1 ? '' : `, ${times} times`;
    const head = `${kind}, ${memoryMb} MB${where}, ${spanText(Math.max(0, nowMs - at))} ago${count}\n`;
    return `${wrapped(head.trimEnd(), width, '')}${wrapped(reason, width, INDENT)}`;
  });
  return `\nCould not be started:\n${entries.join('')}`;
}

/** The report as lines of at most `columns` characters, or 80 where that is fewer. */
export function mesosStatusText(report: MesosReport, nowMs: number, columns = WIDTH): string {
  const width = Math.min(WIDEST, Math.max(LEAST_WIDTH, columns));
  const shown = { nowMs, width };
  const rows = report.tasks.map(taskRow);
  const tasks = rows.length === 0 ? '' : `\n${tableText(taskColumns(width), rows, width)}`;
  const rest = `${waitingText(report, width)}${failuresText(report, shown)}`;
  return `${headText(report, shown)}\n${agentsText(report, width)}${tasks}${rest}`;
}
