import { explainConfig, explainConfigAsJson } from '../config/explain.ts';
import type { Command } from './command.ts';
import { complain } from './complain.ts';
import { gatherConfigOrComplain, startOptions } from './gather-config.ts';

/** `vibrissa config …` */
export const config: Command = {
  name: 'config',
  summary: 'The settings of the platform.',
  commands: [
    {
      name: 'explain',
      summary: 'Prints each setting with its value and where it came from; secrets are masked.',
      options: [
        {
          flags: '-o, --output <form>',
          description: '`text` or `json`.',
          preset: 'text',
          choices: ['text', 'json'],
        },
        ...startOptions,
      ],
      examples: ['vibrissa config explain --config vibrissa.yaml', 'vibrissa config explain --output json'],
      run: (call) => {
        const { output = 'text' } = call.options;
        if (output !== 'text' && output !== 'json') {
          complain(call.terminal, `--output takes text or json, not "${String(output)}".`);
          return Promise.resolve(2);
        }
        const loaded = gatherConfigOrComplain(call);
        if (!loaded) return Promise.resolve(2);
        call.terminal.out(output === 'json' ? explainConfigAsJson(loaded) : explainConfig(loaded));
        return Promise.resolve(0);
      },
    },
  ],
};
