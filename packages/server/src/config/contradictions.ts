import type { ConfigProblem } from './config-error.ts';
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

const DOMAIN = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,9}$/i;

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
    ...mesosProblems(config),
  ];
  const { cert, key } = config.http.tls;
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'http.tls.cert (--tls-cert)' : 'http.tls.key (--tls-key)';
    problems.push({
      message: `TLS needs a certificate and its key; ${missing} is missing.`,
      mend: 'Give both, or neither.',
    });
  }
  if (config.http.redirectPort !== undefined && cert === undefined) {
    problems.push({
      message: 'http.redirectPort leads to an API with TLS, and there is none.',
      mend: 'Give --tls-cert and --tls-key, or leave http.redirectPort out.',
    });
  }
  const { apiHost } = config.http;
  if (apiHost !== undefined && !URL.canParse(/^https?:/.test(apiHost) ? apiHost : `http://${apiHost}`)) {
    problems.push({
      message: `http.apiHost is ${JSON.stringify(apiHost)}, which is no host:port.`,
      mend: 'Write for example 10.0.0.5:3233, or a URL that begins with https://.',
    });
  }
  const { vanityDomain } = config.http;
  if (vanityDomain !== undefined && !DOMAIN.test(vanityDomain)) {
    problems.push({
      message: `http.vanityDomain is ${JSON.stringify(vanityDomain)}, which is no domain.`,
      mend: 'Write for example functions.example.org, without a scheme and a port.',
    });
  }
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
