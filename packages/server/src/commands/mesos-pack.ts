import { resolve } from 'node:path';

import type { Command } from './command.ts';
import { complain } from './complain.ts';

/** `vibrissa mesos pack` */
export const mesosPack: Command = {
  name: 'pack',
  summary:
    'Writes a directory with what agents need to run command tasks, for agents that are to fetch nothing.',
  description: `Writes a directory with what agents need to run command tasks: the launcher and the runtimes. Copy it to the same place on every
agent and name that place in mesos.command.runtimePath: agents then fetch nothing from the platform. Pack and copy again after each upgrade of
the platform. Files of an earlier packing are replaced.`,
  args: [{ name: 'directory', description: 'Where to write; empty, not there yet, or packed before.' }],
  examples: [
    'vibrissa mesos pack ./vibrissa-agent',
    'rsync -a ./vibrissa-agent/ AGENT:/opt/vibrissa/',
    'vibrissa start --containers mesos --set mesos.command.runtimePath=/opt/vibrissa',
  ],
  run: async ({ args, terminal }) => {
    const directory = resolve(args[0] as string);
    const { packAgentDirectory } = await import('../wiring/pack-agent-directory.ts');
    const packed = packAgentDirectory(directory);
    if ('refused' in packed) {
      complain(terminal, packed.refused, packed.mend);
      return 1;
    }
    terminal.out(`Wrote the agents' files to ${directory} (version ${packed.digest}).
Copy them to the same place on every agent, and start the platform with:
  --set mesos.command.runtimePath=PLACE
`);
    return 0;
  },
};
