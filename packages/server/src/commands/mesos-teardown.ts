import type { Removal } from '../wiring/teardown-framework.ts';
import type { Command, CommandOption } from './command.ts';
import { complain } from './complain.ts';
import { configOptions, gatherConfigOrComplain, mesosMasterOption } from './gather-config.ts';
import { amount } from './plain-words.ts';

const NOT_CONFIRMED = 2;
const SHOWN_TASKS = 20;

const yes: CommandOption = {
  flags: '-y, --yes',
  description: 'Does it, instead of only saying what it would remove.',
};

function removalText({ frameworkId, masters, tasks }: Removal): string {
  const shown = tasks.slice(0, SHOWN_TASKS).map((task) => `  ${task}\n`);
  const more = tasks.length > SHOWN_TASKS ? `  and ${tasks.length - SHOWN_TASKS} more\n` : '';
  return `framework ${frameworkId} at ${masters}, with ${amount(tasks.length, 'task')}${tasks.length > 0 ? ':' : ''}\n${shown.join('')}${more}`;
}

/** `vibrissa mesos teardown` */
export const mesosTeardown: Command = {
  name: 'teardown',
  summary: 'Removes the framework of a stopped platform from Mesos, with all its tasks.',
  description: `Removes the framework of a stopped platform from Mesos, with all its tasks, which a stop leaves for the next start.
Actions, activations and users stay; the next start is another framework and starts its containers anew. Asks the masters
that the platform used last, unless others are named. Without --yes it says what it would remove, as the master tells it,
and removes nothing (exit code 2).`,
  options: [yes, { ...mesosMasterOption, preset: 'those of the last run' }, ...configOptions],
  examples: ['vibrissa mesos teardown', 'vibrissa mesos teardown --yes --data-dir ./data'],
  run: async (call) => {
    const { options, terminal } = call;
    const loaded = gatherConfigOrComplain(call);
    if (!loaded) return 2;
    const { teardownFramework } = await import('../wiring/teardown-framework.ts');
    const done = await teardownFramework(loaded.config, {
      yes: options['yes'] === true,
      mastersAreDefault: loaded.origins.get('mesos.masterUrl')?.source === 'default',
    });
    if ('refused' in done) {
      complain(terminal, done.refused, done.mend);
      return 1;
    }
    switch (done.outcome) {
      case 'none':
        terminal.out(`${loaded.config.dataDir} has no framework: there is nothing to remove.\n`);
        return 0;
      case 'asked':
        terminal.out(`This would remove ${removalText(done.removal)}`);
        if (done.removal.untold !== undefined) {
          terminal.out(`That was written down last; the master does not tell. ${done.removal.untold}\n`);
        }
        complain(terminal, 'nothing was removed.', 'Say it again with --yes.');
        return NOT_CONFIRMED;
      case 'removed':
        terminal.out(`Removed ${removalText(done.removal)}`);
        return 0;
      case 'gone':
        terminal.out(
          `Mesos had already removed framework ${done.removal.frameworkId}, and its tasks with it.\n`,
        );
        if (options['yes'] !== true) {
          complain(terminal, 'what is written down of it was kept.', 'Say it again with --yes.');
          return NOT_CONFIRMED;
        }
        return 0;
    }
  },
};
