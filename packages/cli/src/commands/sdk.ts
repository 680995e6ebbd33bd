import type { CommandDescription } from '../command/description.ts';

export const sdkCommand: CommandDescription = {
  name: 'sdk',
  summary: 'work with the sdk',
  commands: [
    {
      name: 'install',
      summary: 'install SDK artifacts',
      details: [
        'docker and ios are fetched from the platform, where it offers them; Vibrissa does not. bashauto is the completion of this program for bash.',
      ],
      examples: [
        { command: 'wsk sdk install bashauto', says: 'a script to source in ~/.bashrc' },
        { command: 'wsk sdk install bashauto --stdout', says: 'print it instead' },
      ],
      arguments: {
        usage: 'docker|ios|bashauto',
        min: 1,
        max: 1,
        hint: 'The SDK component argument is missing. One component (docker, ios, or bashauto) must be specified',
        choices: ['docker', 'ios', 'bashauto'],
      },
      options: [{ long: 'stdout', short: 's', summary: 'print the completion script instead of writing it' }],
      load: async () => (await import('./sdk-install.ts')).installSdk,
    },
  ],
};
