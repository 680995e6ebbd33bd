import { describe, expect, it } from 'vitest';

import { ConfigError } from './config-error.ts';
import { loadConfig, type ConfigSources } from './load.ts';
import { meaningOf, variableOf } from './names.ts';
import { settings } from './schema.ts';

const machine = { memoryMb: 4096, homeDirectory: '/home/eva' };

function load(given: Partial<ConfigSources> = {}) {
  return loadConfig({ env: {}, flags: [], sets: [], machine, ...given });
}

function problemsOf(given: Partial<ConfigSources>) {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loading the configuration', () => {
  it("has OpenWhisk's defaults when nothing is said", () => {
    const { config } = load();
    expect(config.limits.actions.invokes).toEqual({ perMinute: 60, concurrent: 30 });
    expect(config.limits.triggers.fires.perMinute).toBe(60);
    expect(config.limits.actions.sequence.maxLength).toBe(50);
    expect(config.timeLimit).toEqual({ min: 100, std: 60_000, max: 300_000 });
    expect(config.containerProxy.timeouts).toEqual({ pauseGrace: 10_000, idleContainer: 600_000 });
    expect(config.http.port).toBe(3233);
  });

  it("gives half the machine's memory to containers and keeps its data in the home directory", () => {
    const { config } = load();
    expect(config.containerPool.userMemoryMb).toBe(2048);
    expect(config.dataDir).toBe('/home/eva/.vibrissa');
  });

  it('lets a file win over defaults, the environment over the file, and flags over all', () => {
    const file = { path: 'v.yaml', text: 'http:\n  port: 1001\n  host: 10.0.0.1\nmemory.max: 1 GB\n' };
    const env = { VIBRISSA_HTTP_PORT: '1002', VIBRISSA_LOG_LEVEL: 'debug' };
    const flags = [{ path: 'http.port', flag: '--port', value: '1003' }];
    const { config, origins } = load({ file, env, flags });
    expect(config.http).toMatchObject({ port: 1003, host: '10.0.0.1' });
    expect(config.memory.max).toBe(1024);
    expect(config.log.level).toBe('debug');
    expect(origins.get('http.port')?.source).toBe('--port');
    expect(origins.get('http.host')?.source).toBe('file v.yaml');
    expect(origins.get('log.level')?.source).toBe('environment variable VIBRISSA_LOG_LEVEL');
    expect(origins.get('timeLimit.max')?.source).toBe('default');
  });

  it("reads OpenWhisk's own variables, with its units", () => {
    const { config } = load({
      env: {
        CONFIG_whisk_timeLimit_max: '10 minutes',
        CONFIG_whisk_containerPool_userMemory: '2048 m',
        CONFIG_whisk_containerProxy_timeouts_pauseGrace: '5 seconds',
        LIMITS_ACTIONS_INVOKES_PERMINUTE: '600',
      },
    });
    expect(config.timeLimit.max).toBe(600_000);
    expect(config.containerPool.userMemoryMb).toBe(2048);
    expect(config.containerProxy.timeouts.pauseGrace).toBe(5000);
    expect(config.limits.actions.invokes.perMinute).toBe(600);
  });

  it("warns of an OpenWhisk variable that means nothing here, and doesn't stop for it", () => {
    expect(load({ env: { CONFIG_whisk_kafka_replicationFactor: '3' } }).warnings).toEqual([
      expect.stringContaining('CONFIG_whisk_kafka_replicationFactor'),
    ]);
  });

  it('says which setting was probably meant by an unknown one', () => {
    const [problem] = problemsOf({ sets: ['limits.actions.invokes.perMinut=3'] });
    expect(problem?.message).toBe('limits.actions.invokes.perMinut (from --set) is not a setting.');
    expect(problem?.mend).toBe('Did you mean limits.actions.invokes.perMinute?');
    const [inFile] = problemsOf({ file: { path: 'v.json', text: '{"http":{"prot":3}}' } });
    expect(inFile).toEqual({
      message: 'http.prot (from file v.json) is not a setting.',
      mend: 'Did you mean http.port?',
    });
    expect(problemsOf({ env: { VIBRISSA_HTTP_PROT: '3' } })[0]?.mend).toBe('Did you mean http.port?');
    expect(problemsOf({ sets: ['limits.actions.memory.max=1 GB'] })[0]?.mend).toBe(
      'Did you mean memory.max?',
    );
  });

  it('names the source of a wrong value and what it should be', () => {
    expect(problemsOf({ flags: [{ path: 'http.port', flag: '--port', value: 'abc' }] })[0]?.message).toBe(
      'http.port (from --port) must be a port number, not "abc".',
    );
    expect(problemsOf({ env: { VIBRISSA_HTTP_PORT: '99999' } })[0]?.message).toBe(
      'http.port (from environment variable VIBRISSA_HTTP_PORT) must be a port number, from 0 to 65535, not "99999".',
    );
    expect(
      problemsOf({ file: { path: 'v.yaml', text: 'containers: {factory: docker}' } })[0]?.message,
    ).toContain('must be one of auto, sandbox, process, mesos, not "docker"');
  });

  it('reports every problem at once', () => {
    const problems = problemsOf({
      sets: ['a.b.c.d.e=1', 'http.port=x', 'novalue'],
      env: { VIBRISSA_X: '1' },
    });
    expect(problems).toHaveLength(4);
  });

  it('never repeats the text of a secret in an error', () => {
    const problems = problemsOf({ file: { path: 'v.yaml', text: 'users: {guest: [very-secret]}' } });
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain('very-secret');
  });

  it.each([
    ['http: [', 'not valid YAML or JSON'],
    ['- a\n- b', 'holds no settings but a list'],
    ['hello', 'holds no settings but a single value'],
  ])('explains a broken file: %j', (text, expected) => {
    expect(problemsOf({ file: { path: 'v.yaml', text } })[0]?.message).toContain(expected);
  });

  it('refuses settings that contradict each other', () => {
    expect(problemsOf({ sets: ['timeLimit.max=50'] })[0]?.message).toContain('not in order');
    expect(problemsOf({ sets: ['http.tls.cert=/c'] })[0]?.message).toContain('--tls-key');
    expect(problemsOf({ sets: ['secrets.keyFile=/k', 'secrets.keyCommand=c'] })).toHaveLength(1);
    expect(problemsOf({ sets: ['containerPool.userMemoryMb=128', 'memory.min=256'] })[0]?.message).toContain(
      'nothing could run',
    );
  });

  it('refuses a domain of namespaces that is none', () => {
    for (const wrong of ['', 'https://faas.example', 'faas.example:80', '*.faas.example', '.faas']) {
      expect(problemsOf({ sets: [`http.vanityDomain=${wrong}`] })[0]?.message).toContain('no domain');
    }
    const { http } = load({ sets: ['http.vanityDomain=faas.example'] }).config;
    expect(http.vanityDomain).toBe('faas.example');
  });

  it('refuses an address of the API that nobody could dial', () => {
    for (const wrong of ['', 'a b', 'http://', 'x:99999']) {
      expect(problemsOf({ sets: [`http.apiHost=${wrong}`] })[0]?.message).toContain('no host:port');
    }
    for (const right of ['faas.example', '10.0.0.5:3233', '[fd00::5]:3233', 'https://faas.example/']) {
      expect(load({ sets: [`http.apiHost=${right}`] }).config.http.apiHost).toBe(right);
    }
  });

  it.each([
    ['mesos.role=', 'mesos.role is "", which is empty'],
    ['mesos.role=a/../b', `mesos.role is "a/../b", which has '..' where a name belongs`],
    ['mesos.role=web functions', 'mesos.role is "web functions", which has white space'],
    ['mesos.role=/web', "which begins, ends or doubles '/'"],
    ['mesos.role=web/-x', "which has a '-' where a name begins"],
    ['mesos.frameworkName=', 'mesos.frameworkName is empty.'],
    ['mesos.user= ', 'mesos.user is empty.'],
    ['mesos.offers.hold=30 d', 'mesos.offers.hold (from --set) must be'],
    ['mesos.heartbeatMaxFailures=2000', 'mesos.heartbeatMaxFailures (from --set) must be'],
  ])('refuses what Mesos would refuse, and names the setting: %s', (set, said) => {
    const [problem, ...others] = problemsOf({ sets: [set] });
    expect(problem?.message).toContain(said);
    expect(others).toEqual([]);
  });

  it('takes roles that Mesos takes', () => {
    for (const role of ['*', 'web', 'web/functions']) {
      expect(load({ sets: [`mesos.role=${role}`] }).config.mesos.role).toBe(role);
    }
  });

  it('refuses a key for guest that could never be used, without repeating it', () => {
    const problems = problemsOf({ sets: ['users.guest=guest:hunter2'] });
    expect(problems[0]?.message).toContain('users.guest is not a UUID');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('takes __proto__ in a file for what it is: an unknown setting', () => {
    const problems = problemsOf({ file: { path: 'v.json', text: '{"__proto__": {"polluted": "1"}}' } });
    expect(problems).toHaveLength(1);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('finds every setting by its own variable', () => {
    expect([...settings.keys()].map((path) => meaningOf(variableOf(path)))).toEqual(
      [...settings.keys()].map((path) => ({ kind: 'setting', path })),
    );
  });
});
