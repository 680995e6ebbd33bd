import type { CommandDescription } from '../command/description.ts';
import { manifestValues } from './manifest-options.ts';

export const devCommand: CommandDescription = {
  name: 'dev',
  summary: 'deploy a folder, deploy it again whenever it changes, and show what its actions do',
  details: [
    'FOLDER has a manifest.yaml, or is itself the code of an action (package.json, index.js or __main__.py), or has code files, each of which becomes an action. Mistakes are shown and end nothing. What .wskignore names is not watched. Ctrl-C ends it; what was deployed stays, unless --rm is given.',
  ],
  examples: [
    { command: 'wsk dev .', says: 'in the folder of your function' },
    { command: 'wsk dev shop --rm', says: 'and clean up at the end' },
  ],
  arguments: {
    usage: '[FOLDER]',
    min: 0,
    max: 1,
    hint: 'An optional folder is the only valid argument.',
    file: true,
  },
  options: [...manifestValues, { long: 'rm', summary: 'delete at the end what was deployed' }],
  load: async () => (await import('./dev-run.ts')).runDev,
};
