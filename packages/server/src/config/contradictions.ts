import type { ConfigProblem } from './config-error.ts';
import { httpProblems } from './http-problems.ts';
import { mesosProblems } from './mesos-problems.ts';
import type { Config } from './schema.ts';

function ordered(
  group: string,
  { min, std, max }: { min: number; std: number; max: number },
): ConfigProblem[] {
  if (min <= std && std <= max) return [];
  return [
    {
      message: `${group}.min (${min}), ${group}.std (${std}) and ${group}.max (${max}) are not in order.`,
      mend: `Set ${group}.std to a value from ${group}.min to ${group}.max.`,
    },
  ];
}

const AUTH = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[A-Za-z0-9]{64}$/i;

function isCollector(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { password, protocol, username } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** Settings that are fine alone and impossible together. */
export function contradictionsOf(config: Config): readonly ConfigProblem[] {
  const problems = [
    ...ordered('timeLimit', config.timeLimit),
    ...ordered('memory', config.memory),
    ...ordered('logLimit', config.logLimit),
    ...ordered('concurrencyLimit', config.concurrencyLimit),
    ...httpProblems(config.http),
    ...mesosProblems(config),
  ];
  if (config.tracing.endpoint !== undefined && !isCollector(config.tracing.endpoint)) {
    problems.push({
      message: 'tracing.endpoint is no http:// or https:// address without a name and a password.',
      mend: 'Write for example http://127.0.0.1:4318.',
    });
  }
  if (config.containerPool.userMemoryMb < config.memory.min) {
    problems.push({
      message: `containerPool.userMemoryMb (${config.containerPool.userMemoryMb}) is less than memory.min (${config.memory.min}): nothing could run.`,
      mend: 'Raise containerPool.userMemoryMb.',
    });
  }
  if (config.secrets.keyFile !== undefined && config.secrets.keyCommand !== undefined) {
    problems.push({
      message: 'secrets.keyFile and secrets.keyCommand are both set.',
      mend: 'Keep one of them.',
    });
  }
  for (const address of config.containers.sandbox.allow) {
    if (/^[^\s:]+:\d{1,5}$/.test(address)) continue;
    problems.push({
      message: `containers.sandbox.allow has ${JSON.stringify(address)}, which is no host:port.`,
      mend: 'Write for example 10.0.0.5:5432.',
    });
  }
  if (config.users.guest !== undefined && !AUTH.test(config.users.guest)) {
    problems.push({
      message:
        'users.guest is not a UUID, a colon, and a key of 64 letters and digits (its value is not shown).',
      mend: 'Draw one with: vibrissa admin user create guest --genonly',
    });
  }
  return problems;
}
