import type { Command } from './command.ts';
import { gatherConfigOrComplain, startOptions } from './gather-config.ts';
import { findingText } from './finding-text.ts';
import { amount } from './plain-words.ts';

/** `vibrissa doctor` */
export const doctor: Command = {
  name: 'doctor',
  summary:
    'Checks whether this machine has what the platform needs; exit code 1 when something vital is missing.',
  options: startOptions,
  run: async (call) => {
    const loaded = gatherConfigOrComplain(call);
    if (!loaded) return 2;
    const { examineMachine } = await import('../wiring/examine-machine.ts');
    const findings = await examineMachine(loaded.config);
    call.terminal.out(findings.map(findingText).join(''));
    const count = (level: string) => findings.filter((finding) => finding.level === level).length;
    const parts = [amount(count('failure'), 'failure'), amount(count('warning'), 'warning')];
    call.terminal.out(`\n${parts.join(', ')}, ${amount(count('ok'), 'check')} passed.\n`);
    return count('failure') > 0 ? 1 : 0;
  },
};
