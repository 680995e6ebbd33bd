import { readFileSync } from 'node:fs';

import { systemClock } from '../base/clock.ts';
import type { ClusterQuestion } from '../wiring/ask-cluster.ts';
import { clusterStatusText } from './cluster-status-text.ts';
import type { Command, CommandCall } from './command.ts';
import { complain } from './complain.ts';
import { configOptions, gatherConfigOrComplain } from './gather-config.ts';
import { repeatUntilStopped } from './repeat-until-stopped.ts';

const LEADS = 0;
const NOBODY_ANSWERS = 1;
const MISUSED = 2;
const NOBODY_LEADS = 3;

async function show({ options, terminal }: CommandCall, question: ClusterQuestion): Promise<number> {
  const { askCluster } = await import('../wiring/ask-cluster.ts');
  const { failures, from, report } = await askCluster(question);
  if (question.signal?.aborted) return NOBODY_ANSWERS;
  if (report === undefined) {
    for (const { mend, refused } of failures) complain(terminal, refused, mend);
    return NOBODY_ANSWERS;
  }
  for (const { refused } of failures) terminal.err(`warning: ${refused}\n`);
  const { columns } = terminal;
  const text = options['json']
    ? `${JSON.stringify(report, undefined, 2)}\n`
    : clusterStatusText(report, {
        nowMs: systemClock.now(),
        ...(columns !== undefined && { columns }),
        ...(from !== undefined && { from }),
      });
  terminal.out(text);
  return report.leader === undefined ? NOBODY_LEADS : LEADS;
}

async function watch(call: CommandCall, question: ClusterQuestion): Promise<number> {
  let last = NOBODY_ANSWERS;
  await repeatUntilStopped({
    terminal: call.terminal,
    // What is watched dies now and then: that is what one watches for.
    goesOn: () => true,
    show: async (signal) => {
      const code = await show(call, { ...question, signal });
      if (!signal.aborted) last = code;
      return code;
    },
  });
  return last;
}

/** `10.0.0.1:8081` is taken as well. */
function addressOf(text: string): URL | undefined {
  const withScheme = text.includes('://') ? text : `http://${text}`;
  if (!/^https?:/i.test(withScheme) || !URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  url.search = '';
  url.hash = '';
  return url;
}

function gatherAddresses({ args, terminal }: CommandCall): readonly URL[] | undefined {
  const addresses: URL[] = [];
  for (const text of (args[0] ?? []) as readonly string[]) {
    const address = addressOf(text);
    if (!address) {
      complain(terminal, `"${text}" is no address of an instance.`, 'Write it as http://HOST:PORT.');
      return undefined;
    }
    addresses.push(address);
  }
  return addresses;
}

function gatherToken({ options, terminal }: CommandCall): { readonly token?: string } | undefined {
  const path = options['tokenFile'];
  if (typeof path !== 'string') return {};
  try {
    return { token: readFileSync(path, 'utf8').trim() };
  } catch (error) {
    complain(
      terminal,
      `The file ${path} can't be read: ${(error as Error).message}.`,
      'Check the path after --token-file.',
    );
    return undefined;
  }
}

/** `vibrissa cluster status` */
export const clusterStatus: Command = {
  name: 'status',
  summary: 'Shows who leads, since when, who is there, and what is in the way.',
  description: `Shows who leads and since when, its epoch, who else is there, the framework, the last failover, and first of all what
should be mended. Without an address it asks the platform through admin.sock in its data directory. With addresses it asks the admin
listeners of instances, of any framework built on @vibrissa/mesos-ha, one after the other until one answers (5 s each).
Exit codes: 0 somebody leads, 1 nobody answers, 2 called wrongly, 3 an instance answers, and nobody leads. So a script can wait for a leader.`,
  args: [
    {
      name: 'address',
      description: 'http://HOST:PORT of an admin listener; without any, the platform of the data directory.',
      optional: true,
      variadic: true,
    },
  ],
  options: [
    { flags: '-j, --json', description: 'Prints JSON, with nothing cut off.' },
    {
      flags: '-w, --watch',
      description:
        'Shows it again every 2 seconds until Ctrl-C, also while nobody answers; ends with the code of the last time.',
    },
    {
      flags: '--token-file <file>',
      description: 'File with the bearer token of the admin listeners, if they want one.',
    },
    ...configOptions,
  ],
  examples: [
    'vibrissa cluster status',
    'vibrissa cluster status http://10.0.0.1:8081 http://10.0.0.2:8081 http://10.0.0.3:8081',
    'until vibrissa cluster status http://10.0.0.1:8081; do sleep 1; done',
    "vibrissa cluster status --json | jq '.leader.epoch'",
  ],
  run: async (call) => {
    const loaded = gatherConfigOrComplain(call);
    const addresses = gatherAddresses(call);
    const given = gatherToken(call);
    if (!loaded || !addresses || !given) return MISUSED;
    const question = { addresses, dataDir: loaded.config.dataDir, ...given };
    return call.options['watch'] ? watch(call, question) : show(call, question);
  },
};
