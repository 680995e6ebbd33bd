import { adminLimits } from './admin-limits.ts';
import { adminUser } from './admin-user.ts';
import { runOperation } from './admin-operation.ts';
import { cluster } from './cluster.ts';
import type { Command } from './command.ts';
import { complain } from './complain.ts';
import { renderCompletion, shells, type Shell } from './completion.ts';
import { config } from './config-explain.ts';
import { configOptions } from './gather-config.ts';
import { doctor } from './doctor.ts';
import { mesos } from './mesos.ts';
import { start } from './start.ts';

const keys: Command = {
  name: 'keys',
  summary: 'The master keys that secrets are sealed with.',
  commands: [
    {
      name: 'reload',
      summary:
        'Reads the master keys again and seals everything with the first one, while the platform runs.',
      description:
        'Reads the master keys again and seals everything with the first one, while the platform runs. To rotate: put a new key before the old one in <data-dir>/secret.key (or what secrets.keyFile names), run this, then remove the old one.',
      options: configOptions,
      run: (call) => runOperation(call, { ok: true, operation: { operation: 'keys reload' } }),
    },
  ],
};

const admin: Command = {
  name: 'admin',
  summary: 'Users, limits and master keys.',
  description:
    'Users, limits and master keys. Talks to the running platform through admin.sock in its data directory; when none runs, it works on the store itself.',
  commands: [adminUser, adminLimits, keys],
};

const completion: Command = {
  name: 'completion',
  summary: 'Prints a script that completes this command in a shell.',
  args: [{ name: 'shell', description: 'bash, zsh or fish.', choices: shells }],
  examples: [
    'source <(vibrissa completion bash)',
    'source <(vibrissa completion zsh)',
    'vibrissa completion fish > ~/.config/fish/completions/vibrissa.fish',
  ],
  run: ({ args, terminal }) => {
    const shell = args[0] as Shell;
    if (!shells.includes(shell)) {
      complain(terminal, `there is no completion for "${shell}".`, `Take one of ${shells.join(', ')}.`);
      return Promise.resolve(2);
    }
    terminal.out(renderCompletion(vibrissa, shell));
    return Promise.resolve(0);
  },
};

/** The operator's command line, whole. */
export const vibrissa: Command = {
  name: 'vibrissa',
  summary: "Runs and administers Vibrissa, a serverless platform that speaks Apache OpenWhisk's API.",
  commands: [start, doctor, config, admin, cluster, mesos, completion],
};
