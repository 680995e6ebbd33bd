import { systemClock } from '../base/clock.ts';
import type { Command, CommandCall } from './command.ts';
import { complain } from './complain.ts';
import { configOptions, gatherConfigOrComplain } from './gather-config.ts';
import { mesosStatusText } from './mesos-status-text.ts';
import { repeatUntilStopped } from './repeat-until-stopped.ts';

async function show({ options, terminal }: CommandCall, dataDir: string): Promise<number> {
  const { askMesos } = await import('../wiring/ask-mesos.ts');
  const report = await askMesos(dataDir);
  if ('refused' in report) {
    complain(terminal, report.refused, report.mend);
    return 1;
  }
  const text = options['json']
    ? `${JSON.stringify(report, undefined, 2)}\n`
    : mesosStatusText(report, systemClock.now(), terminal.columns);
  terminal.out(text);
  return 0;
}

/** `vibrissa mesos status` */
export const mesosStatus: Command = {
  name: 'status',
  summary: 'Shows framework, agents, tasks, and what waits for resources and why.',
  description: `Shows how things stand between the running platform and Mesos: its framework and whether it is subscribed, each
agent with what is free, each task with its container, and what waits for resources and why. Asks the platform through
admin.sock in its data directory. Exit code 1: no platform runs there, or it doesn't run on Mesos.`,
  options: [
    { flags: '-j, --json', description: 'Prints JSON, with nothing cut off.' },
    { flags: '-w, --watch', description: 'Shows it again every 2 seconds until Ctrl-C.' },
    ...configOptions,
  ],
  examples: ['vibrissa mesos status', "vibrissa mesos status --json | jq '.tasks[].id'"],
  run: async (call) => {
    const loaded = gatherConfigOrComplain(call);
    if (!loaded) return 2;
    const { dataDir } = loaded.config;
    if (!call.options['watch']) return show(call, dataDir);
    return repeatUntilStopped({
      terminal: call.terminal,
      show: () => show(call, dataDir),
      goesOn: (code) => code === 0,
    });
  },
};
