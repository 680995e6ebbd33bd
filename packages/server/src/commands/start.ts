import type { Command } from './command.ts';
import { gatherConfigOrComplain, startOptions } from './gather-config.ts';
import { runUntilStopped } from './run-until-stopped.ts';
import { complainOfNpm } from './swallowed-by-npm.ts';

/** `vibrissa start` */
export const start: Command = {
  name: 'start',
  summary: 'Starts the platform and runs it until it is told to stop (Ctrl-C or SIGTERM).',
  description: `Starts the platform: API, invoker, sandboxes and store in one process. The first start creates namespace guest with
a random key in <data-dir>/auth.guest. Ctrl-C or SIGTERM drains: running activations end or are recorded as stopped,
queued ones stay for the next start. A second one forces.

Every setting that has no flag of its own is set with --set KEY=VALUE, a file or the environment;
"vibrissa config explain" lists them all with their values.`,
  options: startOptions,
  examples: [
    'vibrissa start --port 8080 --data-dir ./data',
    'vibrissa start --set limits.actions.invokes.perMinute=6000 --set limits.actions.invokes.concurrent=200',
    'vibrissa start --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem',
    'vibrissa start --config vibrissa.yaml',
  ],
  run: async (call) => {
    if (complainOfNpm(call.terminal, startOptions)) return 2;
    const loaded = gatherConfigOrComplain(call);
    if (!loaded) return 2;
    return runUntilStopped(loaded.config, call.terminal);
  },
};
