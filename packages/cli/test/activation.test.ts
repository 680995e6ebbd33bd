import { expect, test } from 'vitest';
import type { Clock } from '../src/base/clock.ts';
import { at, runWsk, type Outcome, type RunOptions } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const base = '/api/v1/namespaces/_/activations';
const id = '0123456789abcdef0123456789abcdef';
// The list shows the machine's own time zone, so that the moment is made from local numbers.
const start = new Date(2024, 2, 1, 7, 5, 9).getTime();

function wsk(words: string[], options?: RunOptions): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), 'activation', ...words], options);
}

function activation(changes: object = {}): object {
  return {
    namespace: 'guest',
    name: 'hello',
    version: '0.0.1',
    activationId: id,
    start,
    end: start + 12,
    duration: 12,
    statusCode: 0,
    annotations: [
      { key: 'kind', value: 'nodejs:20' },
      { key: 'initTime', value: 9 },
    ],
    ...changes,
  };
}

test('a list of activations has columns', async () => {
  const failed = { statusCode: 1, duration: 1234, annotations: [{ key: 'kind', value: 'python:3.11' }] };
  whisk.server.on(`GET ${base}?limit=30&skip=0`, {
    json: [
      activation(),
      activation(failed),
      activation({ statusCode: 3, duration: undefined, annotations: [] }),
    ],
  });
  expect((await wsk(['list'])).stdout).toBe(
    `Datetime            Activation ID                    Kind        Start Duration   Status            Entity
2024-03-01 07:05:09 ${id} nodejs:20   cold  12ms       success           guest/hello:0.0.1
2024-03-01 07:05:09 ${id} python:3.11 warm  1.234s     application error guest/hello:0.0.1
2024-03-01 07:05:09 ${id} unknown     warm  0s         internal error    guest/hello:0.0.1
`,
  );
});

test('an empty list of activations has its title', async () => {
  whisk.server.on(`GET ${base}?limit=30&skip=0`, { json: [] });
  expect((await wsk(['list'])).stdout).toBe('activations\n');
});

test('a list of activations is filtered by the server', async () => {
  whisk.server.on(`GET ${base}?name=pkg%2Fhello&limit=3&skip=1&since=5&upto=9&docs=true`, {
    json: [{ a: 1 }],
  });
  const outcome = await wsk(['list', 'pkg/hello', '-l', '3', '-s', '1', '--since', '5', '--upto', '9', '-f']);
  expect(outcome.stdout).toBe('activations\n{\n    "a": 1\n}\n');
});

const record = {
  ...activation(),
  response: { status: 'success', success: true, result: { greeting: 'hi' } },
  logs: [],
};

test('getting an activation prints the record, or a field of it', async () => {
  whisk.server.on(`GET ${base}/${id}`, { json: record });
  expect((await wsk(['get', id])).stdout.startsWith(`ok: got activation ${id}\n{\n    "namespace"`)).toBe(
    true,
  );
  expect((await wsk(['get', id, 'duration'])).stdout).toBe(
    `ok: got activation ${id}, displaying field duration\n12\n`,
  );
  expect((await wsk(['get', id, 'cause'])).stdout).toContain('displaying field cause\nnull\n');
});

test('a record that is not there may be that of an activation that still runs', async () => {
  whisk.server.on(`GET ${base}/${id}`, {
    status: 404,
    json: { error: 'The requested resource does not exist.', code: 'tid' },
  });
  const outcome = await wsk(['get', id]);
  expect(outcome.exitCode).toBe(148);
  expect(outcome.stderr).toContain(`Activation ${id} does not exist, or it has not ended yet.`);
});

test('--last stands for the id of the latest activation', async () => {
  whisk.server.on(`GET ${base}?limit=1&skip=0`, { json: [activation()] });
  whisk.server.on(`GET ${base}/${id}`, { json: record });
  const outcome = await wsk(['get', '--last', 'version']);
  expect(outcome.stdout).toBe(`ok: got activation ${id}, displaying field version\n"0.0.1"\n`);
});

test('--last without any activation is an error', async () => {
  whisk.server.on(`GET ${base}?limit=1&skip=0`, { json: [] });
  const outcome = await wsk(['logs', '-l']);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain('error: Activation list does not contain any activations.');
});

test('the summary of an activation is its outcome and its result', async () => {
  whisk.server.on(`GET ${base}/${id}`, { json: record });
  const { stdout } = await wsk(['get', id, '-s']);
  expect(stdout).toMatch(
    /^activation result for '\/guest\/hello' \(success at 2024-03-01 07:05:09 [+-]\d{4} \S+\)\n/,
  );
  expect(stdout).toContain('\n{\n    "greeting": "hi"\n}\n');
});

const logs = [
  '2024-03-01T07:05:09.123456789Z stdout: first',
  '2024-03-01T07:05:09.123456789Z stderr: second',
  'something else',
];

test('logs are printed as they are, or without timestamps and streams', async () => {
  whisk.server.on(`GET ${base}/${id}/logs`, { json: { logs } });
  expect((await wsk(['logs', id])).stdout).toBe(`${logs.join('\n')}\n`);
  const stripped = 'first\nsecond\nsomething else\n';
  expect((await wsk(['logs', id, '--strip'])).stdout).toBe(stripped);
  expect((await wsk(['get', id, '--logs'])).stdout).toBe(stripped);
  expect((await wsk(['logs', id, '-r', '-o', 'ndjson'])).stdout).toBe(
    '"first"\n"second"\n"something else"\n',
  );
});

test('a log line cannot steer the terminal that shows it, but reaches a file unchanged', async () => {
  const line = '2024-03-01T07:05:09.1Z stdout: \u001b[2Jgone\u0007';
  whisk.server.on(`GET ${base}/${id}/logs`, { json: { logs: [line] } });
  expect((await wsk(['logs', id, '-r'], { terminal: true })).stdout).toBe('\\x1b[2Jgone\\x07\n');
  expect((await wsk(['logs', id])).stdout).toBe(`${line}\n`);
});

test('the result of an activation is printed alone', async () => {
  whisk.server.on(`GET ${base}/${id}/result`, {
    json: { result: { n: 12345678901234567890n.toString() }, success: true },
  });
  expect((await wsk(['result', id])).stdout).toBe('{\n    "n": "12345678901234567890"\n}\n');
});

test.each([
  ['get', "Unable to get activation 'x'"],
  ['logs', "Unable to get logs for activation 'x'"],
  ['result', "Unable to get result for activation 'x'"],
])('%s of an activation that does not exist fails with 148', async (command, what) => {
  const outcome = await wsk([command, 'x']);
  expect(outcome.exitCode).toBe(148);
  expect(outcome.stderr).toBe(
    `error: ${what}: The requested resource does not exist. (code tid0)\n` +
      'Activation x does not exist, or it has not ended yet.\n',
  );
});

test.each(['get', 'logs', 'result'])('%s needs an id', async (command) => {
  const outcome = await wsk([command]);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toBe(
    `error: Invalid argument(s). An activation ID is required.\nRun 'wsk activation ${command} --help' for usage.\n`,
  );
});

/** A clock that never waits: each sleep only moves its hands. */
function quickClock(): Clock & { readonly slept: number[] } {
  let now = start + 10_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms) => {
      now += ms;
      slept.push(ms);
      return Promise.resolve();
    },
    every: () => () => undefined,
  };
}

test('polling shows every activation once, every two seconds, until its time is over', async () => {
  const clock = quickClock();
  const first = { ...activation(), logs: ['one'] };
  const second = { ...activation({ activationId: 'b'.repeat(32), name: 'other' }), logs: [] };
  whisk.server.on(`GET ${base}?limit=1&skip=0&docs=true`, { json: [activation()] });
  whisk.server.on(
    `GET ${base}?limit=0&skip=0&since=${start + 1}&docs=true`,
    { json: [first] },
    { json: [second, first] },
  );
  const outcome = await wsk(['poll', '--exit', '5'], { clock });
  expect(outcome).toEqual({
    exitCode: 0,
    stdout: `Enter Ctrl-c to exit.
Polling for activation logs

Activation: 'hello' (${id})
[
    "one"
]

Activation: 'other' (${'b'.repeat(32)})
[]
`,
    stderr: '',
  });
  expect(clock.slept.slice(0, 2)).toEqual([2000, 2000]);
});

test('polling one action since some time ago asks for just that', async () => {
  const clock = quickClock();
  const since = clock.now() - (1 + 2 * 60 + 3 * 3600 + 4 * 86_400) * 1000;
  const flags = ['--since-seconds', '1', '--since-minutes', '2', '--since-hours', '3', '--since-days', '4'];
  const line = `GET ${base}?name=hello&limit=0&skip=0&since=${since}&docs=true`;
  whisk.server.on(line, { json: [] });
  await wsk(['poll', 'hello', '-e', '1', ...flags], { clock });
  expect(new Set(whisk.server.lines)).toEqual(new Set([line]));
});

test('polling ends with exit code 0 on Ctrl-C', async () => {
  const clock = quickClock();
  let interrupt = (): void => undefined;
  const sleeping: Clock = {
    ...clock,
    sleep: (ms) => {
      interrupt();
      return clock.sleep(ms);
    },
  };
  whisk.server.on(`GET ${base}?limit=1&skip=0&docs=true`, { json: [] });
  whisk.server.on(`GET ${base}?limit=0&skip=0&since=0&docs=true`, { json: [] });
  const outcome = await wsk(['poll'], { clock: sleeping, onSignal: (callback) => (interrupt = callback) });
  expect(outcome.exitCode).toBe(0);
  expect(outcome.stderr).toBe('Poll terminated\n');
});

test('polling outlives a server that is away for a moment, but not a refused key', async () => {
  const clock = quickClock();
  const line = `GET ${base}?limit=0&skip=0&since=0&docs=true`;
  whisk.server.on(`GET ${base}?limit=1&skip=0&docs=true`, { json: [] });
  whisk.server.on(
    line,
    { status: 503, json: { error: 'overloaded', code: 't' } },
    { json: [{ ...activation(), logs: [] }] },
    { status: 401, json: { error: 'The supplied authentication is invalid', code: 't' } },
  );
  const outcome = await wsk(['poll'], { clock });
  expect(outcome.stdout).toContain(`Activation: 'hello' (${id})`);
  expect(outcome.stderr).toContain('overloaded (code t); trying again\n');
  expect(outcome.exitCode).toBe(145);
});
