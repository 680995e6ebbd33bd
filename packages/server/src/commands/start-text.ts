import { amount, spanText } from './plain-words.ts';
import { quoted } from './quoted.ts';

/** How much memory all containers together may take in a cluster, and who says so. */
export interface PoolMemory {
  readonly userMemoryMb: number;
  readonly source: 'setting' | 'agents' | 'largest action' | 'last start' | 'machine';
}

const sources: { readonly [source in PoolMemory['source']]: string } = {
  setting: 'as containerPool.userMemoryMb says',
  agents: 'half of what the agents have; containerPool.userMemoryMb sets another amount',
  'largest action': 'as one action of memory.max takes, since half of what the agents have is less',
  'last start': 'as at the last start that found agents, since none are known now',
  machine: "half of this machine's memory, since no agents are known: set containerPool.userMemoryMb",
};

/** As a line of the start, and of `vibrissa doctor`. */
export function poolMemoryText({ source, userMemoryMb }: PoolMemory): string {
  return `${userMemoryMb} MB for all containers, ${sources[source]}`;
}

/** The framework that a platform on Mesos has started as. */
export interface MesosFacts {
  /** Absent while no master has been found: the next one gives it. */
  readonly frameworkId: string | undefined;
  readonly frameworkName: string;
  /** The masters, as configured. */
  readonly masters: string;
  /** Agents of the cluster; absent where the master did not say. */
  readonly agents: number | undefined;
  readonly memory: PoolMemory;
  /** Containers of an earlier life that are used on. */
  readonly adopted: { readonly warm: number; readonly prewarmed: number };
  /** For how long tasks outlive the platform, or that they go with it. */
  readonly failoverTimeoutMs: number;
  readonly teardownOnExit: boolean;
}

/** What the operator needs to know of a platform that has started. */
export interface PlatformFacts {
  /** URL under which users reach the API. */
  readonly apiUrl: string;
  readonly port: number;
  readonly adminUrl: string | undefined;
  readonly adminSocket: string;
  readonly dataDir: string;
  readonly logFile: string | undefined;
  /** File with the `uuid:key` of namespace guest; undefined where an administrator removed it. */
  readonly guestKeyFile: string | undefined;
  /** Queued activations that an earlier life left, and running ones that it had to give up. */
  readonly recovered: { readonly resumed: number; readonly stopped: number };
  /** Absent: containers are local. */
  readonly mesos?: MesosFacts;
}

function recoveredText({ resumed, stopped }: PlatformFacts['recovered']): string {
  if (resumed + stopped === 0) return '';
  const goOn = `${amount(resumed, 'queued activation')} ${resumed === 1 ? 'goes' : 'go'} on`;
  const ended =
    stopped === 1 ? '1 interrupted one was recorded' : `${stopped} interrupted ones were recorded`;
  return `\nFrom the last run: ${goOn}, ${ended} as stopped.\n`;
}

function adoptedText({ adopted: { warm, prewarmed } }: MesosFacts): string {
  if (warm + prewarmed === 0) return '';
  return `\nFrom the last run: ${amount(warm + prewarmed, 'Mesos task')} adopted, ${warm} warm and ${prewarmed} prewarmed.\n`;
}

function mesosRows(facts: MesosFacts): readonly (readonly [string, string])[] {
  const { agents, failoverTimeoutMs, frameworkId, frameworkName, masters, memory, teardownOnExit } = facts;
  const id = frameworkId === undefined ? 'no id yet: no master was found' : `id ${frameworkId}`;
  const cluster = agents === undefined ? masters : `${masters} with ${amount(agents, 'agent')}`;
  const goWithIt = teardownOnExit || failoverTimeoutMs === 0;
  const end = goWithIt ? 'are removed with the platform' : `outlive it by ${spanText(failoverTimeoutMs)}`;
  return [
    ['Mesos', cluster],
    ['framework', `${frameworkName}, ${id}; its tasks ${end}`],
    ['memory', poolMemoryText(memory)],
  ];
}

/** The key itself stays in its file: what a terminal shows ends up in recordings and in other people's scrollback. */
function keyText({ apiUrl, guestKeyFile }: PlatformFacts, wsk: string): string {
  if (guestKeyFile === undefined) {
    return '\nNamespace guest was removed; make a user with: vibrissa admin user create NAME\n';
  }
  const key = `"$(cat ${quoted(guestKeyFile)})"`;
  return `\nSet up the command line, in another terminal:\n\n  ${wsk} property set --apihost ${quoted(apiUrl)} --auth ${key}\n`;
}

/** The lines below the checks: addresses, and the command to paste; `wsk` is how that program is called here. */
export function startText(facts: PlatformFacts, wsk: string): string {
  const rows = [
    ['API', facts.apiUrl],
    ['documentation', `${facts.apiUrl}/api/v1/docs/index.html`],
    ['admin', [facts.adminUrl, facts.adminSocket].filter(Boolean).join(' and ')],
    ['data', facts.dataDir],
    ['log', facts.logFile ?? 'standard error'],
    ...(facts.mesos ? mesosRows(facts.mesos) : []),
  ] as const;
  const table = rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}\n`).join('');
  const earlier = `${recoveredText(facts.recovered)}${facts.mesos ? adoptedText(facts.mesos) : ''}`;
  return `${earlier}\n${table}${keyText(facts, wsk)}\nReady on port ${facts.port}. Ctrl-C stops it.\n`;
}
