import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const text = { type: 'string', minLength: 1 };
const whole = { type: 'integer', minimum: 0 };

function object(properties: { readonly [name: string]: object }, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

const list = (items: object): object => ({ type: 'array', items, minItems: 1 });
const texts = { type: 'object', additionalProperties: { type: 'string' } };

/** Marathon's AppDefinition (1.5 and later), as far as the app uses it. */
const appSchema = object({
  id: { type: 'string', pattern: '^/[a-z0-9-]+(/[a-z0-9-]+)*$' },
  instances: { const: 1 },
  cpus: { type: 'number', exclusiveMinimum: 0 },
  mem: { type: 'number', minimum: 32 },
  disk: { type: 'number', minimum: 0 },
  networks: list(object({ mode: { enum: ['host', 'container/bridge', 'container'] } })),
  portDefinitions: list(
    object({
      port: { type: 'integer', minimum: 31_000, maximum: 32_000 },
      protocol: { enum: ['tcp'] },
      name: text,
    }),
  ),
  requirePorts: { const: true },
  fetch: list(object({ uri: text, extract: { type: 'boolean' }, cache: { type: 'boolean' } })),
  container: object({
    type: { enum: ['MESOS', 'DOCKER'] },
    volumes: list(
      object({
        // Marathon takes no path with a slash for a persistent volume.
        containerPath: { type: 'string', pattern: '^[^/]+$' },
        mode: { enum: ['RW', 'RO'] },
        persistent: object({ type: { enum: ['root', 'path', 'mount'] }, size: whole }),
      }),
    ),
  }),
  residency: object({ taskLostBehavior: { enum: ['WAIT_FOREVER', 'RELAUNCH_AFTER_TIMEOUT'] } }),
  unreachableStrategy: { const: 'disabled' },
  cmd: text,
  env: texts,
  healthChecks: list(
    object({
      protocol: { enum: ['MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP', 'COMMAND'] },
      path: text,
      portIndex: whole,
      gracePeriodSeconds: whole,
      intervalSeconds: whole,
      timeoutSeconds: whole,
      maxConsecutiveFailures: whole,
    }),
  ),
  taskKillGracePeriodSeconds: whole,
  upgradeStrategy: object({ minimumHealthCapacity: { const: 0 }, maximumOverCapacity: { const: 0 } }),
  backoffSeconds: whole,
  backoffFactor: { type: 'number', minimum: 1 },
  maxLaunchDelaySeconds: whole,
});

interface App {
  readonly cmd: string;
  readonly env: { readonly [name: string]: string };
  readonly container: { readonly volumes: readonly { readonly containerPath: string }[] };
  readonly taskKillGracePeriodSeconds: number;
}

const app = JSON.parse(read('deploy/marathon/vibrissa.json')) as App;

describe('the app definition for Marathon', () => {
  it('has the shape of a resident app with one instance', () => {
    const check = new Ajv({ allErrors: true }).compile(appSchema);
    check(app);
    expect(check.errors ?? []).toEqual([]);
  });

  it('keeps the data directory on the persistent volume', () => {
    const [, directory] = /--data-dir (\S+)/.exec(app.cmd) ?? [];
    expect(app.container.volumes.map(({ containerPath }) => containerPath)).toContain(directory);
  });

  it('uses only flags and settings that there are', () => {
    const commands = read('docs/reference/cli-vibrissa.md');
    const ofStart = commands.slice(
      commands.indexOf('## vibrissa start'),
      commands.indexOf('## vibrissa doctor'),
    );
    const flags = [...app.cmd.matchAll(/ (--[a-z-]+)/g)].map(([, flag = '']) => flag);
    expect(flags.filter((flag) => !ofStart.includes(`${flag} `))).toEqual([]);
    const settings = read('docs/reference/config.md');
    const set = [...app.cmd.matchAll(/--set ([\w.]+)=/g)].map(([, name = '']) => `| \`${name}\` |`);
    const variables = Object.keys(app.env).map((name) => `| \`${name}\` |`);
    expect([...set, ...variables].filter((cell) => !settings.includes(cell))).toEqual([]);
    expect(flags.length * set.length * variables.length).toBeGreaterThan(0);
  });

  it('leaves a stop more time than the activations that run', () => {
    const grace = /^(\d+) s$/.exec(app.env['VIBRISSA_SHUTDOWN_GRACE'] ?? '')?.[1];
    expect(app.taskKillGracePeriodSeconds).toBeGreaterThan(Number(grace));
  });
});

const hasGnuTar = spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU tar') ?? false;

describe('the archive that the app fetches', () => {
  it.skipIf(!hasGnuTar)(
    'has the command where the app looks for it, and links that lead somewhere (needs GNU tar)',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'vibrissa-marathon-'));
      const root = join(directory, 'checkout');
      try {
        const [, program = ''] = /node vibrissa\/(\S+)/.exec(app.cmd) ?? [];
        const file = join(root, program);
        mkdirSync(dirname(file), { recursive: true });
        mkdirSync(join(root, 'node_modules/@vibrissa'), { recursive: true });
        writeFileSync(file, 'its text');
        symlinkSync('../../packages/server', join(root, 'node_modules/@vibrissa/server'));
        const [, pack = ''] = /`npm ci && (tar [^`]+)`/.exec(read('deploy/marathon/README.md')) ?? [];
        execFileSync('sh', ['-c', pack], { cwd: root });
        const sandbox = join(directory, 'sandbox');
        mkdirSync(sandbox);
        execFileSync('tar', ['-xzf', '../vibrissa.tar.gz'], { cwd: sandbox });
        const linked = program.replace('packages/', 'node_modules/@vibrissa/');
        for (const path of [program, linked]) {
          expect(readFileSync(join(sandbox, 'vibrissa', path), 'utf8')).toBe('its text');
        }
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );
});
