import { describe, expect, test } from 'vitest';
import { compileGroup } from './compile-group.ts';
import { compileTask } from './compile-task.ts';
import type { TaskGroupSpec, TaskSpec } from './task-spec.ts';

const defaults = { roles: ['web', 'batch'] };
const plain = { id: 't', cpus: 0.1, memoryMb: 32, command: 'true' };

/** Why a spec is invalid; specs of JavaScript callers and files may be anything. */
function reasonOf(spec: Readonly<Record<string, unknown>>): string {
  const compilation = compileTask({ ...plain, ...spec } as TaskSpec & { id: string }, defaults);
  if (compilation.kind !== 'invalid') throw new Error(`${JSON.stringify(spec)} was taken`);
  return compilation.reason;
}

function compiled(spec: Partial<TaskSpec>) {
  const compilation = compileTask({ ...plain, ...spec }, defaults);
  if (compilation.kind !== 'compiled') throw new Error(compilation.reason);
  return compilation.task;
}

describe('a task that is taken', () => {
  test('asks for what it needs in thousandths', () => {
    const { request } = compiled({ cpus: 0.1 + 0.2, memoryMb: 64.5, diskMb: 10, gpus: 1, ports: [{}, {}] });
    expect(request).toEqual({
      id: 't',
      role: 'web',
      units: [{ cpusMilli: 300, memMilli: 64_500, diskMilli: 10_000, gpusMilli: 1_000, ports: 2 }],
      constraints: [],
    });
  });

  test('processor or memory alone is enough for a command task, down to a thousandth (O28)', () => {
    expect(compiled({ cpus: 0.001, memoryMb: 0 }).request.units).toMatchObject([
      { cpusMilli: 1, memMilli: 0 },
    ]);
    expect(compiled({ cpus: 0, memoryMb: 32 }).request.units).toMatchObject([
      { cpusMilli: 0, memMilli: 32_000 },
    ]);
  });

  test.each([
    [{ cpus: 0, memoryMb: 0 }, /uses no resources/],
    [{ cpus: 0.0001, memoryMb: 32 }, /cpus is 0\.0001: the smallest amount .* is 0\.001/],
    [{ cpus: 1, memoryMb: 32, diskMb: 1e-6 }, /diskMb/],
  ])('but no less: %o', (amounts, reason) => {
    const spec = { id: 't', command: 'true', ...amounts };
    expect(compileTask(spec, { roles: ['web'] })).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(reason),
    });
  });

  test('has the first role unless it names another', () => {
    expect(compiled({}).spec.role).toBe('web');
    expect(compiled({ role: 'batch' }).request.role).toBe('batch');
  });

  test('is stored as it was, whatever its author does with the object afterwards', () => {
    const env = { A: '1' };
    const task = compiled({ env, image: 'nginx:1.27', customize: (info) => info });
    env.A = '2';
    expect(task.spec.env).toEqual({ A: '1' });
    expect(task.spec.image).toEqual({ name: 'nginx:1.27', runtime: 'docker' });
    expect(task.spec).not.toHaveProperty('customize');
    expect(task.customize).toBeTypeOf('function');
    expect(JSON.parse(JSON.stringify(task.spec))).toEqual(task.spec);
  });

  test('can be compiled again from what was stored', () => {
    const task = compiled({ image: { name: 'i', runtime: 'ucr' }, ports: [{ name: 'http' }] });
    expect(compileTask(task.spec, defaults)).toEqual({ kind: 'compiled', task });
  });

  test('takes no port of its agent on a routable network', () => {
    const image = { name: 'i', network: { name: 'overlay' }, routable: true };
    expect(compiled({ image, ports: [{ containerPort: 80 }] }).request.units[0]?.ports).toBe(0);
    expect(compiled({ image: { ...image, routable: false }, ports: [{}] }).request.units[0]?.ports).toBe(1);
  });

  test('waits for its health when that is checked', () => {
    expect(compiled({}).waitsForHealth).toBe(false);
    expect(compiled({ healthCheck: { type: 'COMMAND', command: 'true' } }).waitsForHealth).toBe(true);
  });

  test('brings its constraints', () => {
    const constraints = [{ attribute: 'rack', operator: 'LIKE', value: 'r[12]' }] as const;
    expect(compiled({ constraints }).request.constraints.map(({ text }) => text)).toEqual([
      'rack LIKE r[12]',
    ]);
  });

  test('may have undefined where a field is optional', () => {
    const spec = { ...plain, env: undefined, ports: undefined, image: undefined };
    expect(compileTask(spec as unknown as typeof plain, defaults).kind).toBe('compiled');
  });

  test('may have an id of 244 bytes, so that each of its launches has one that Mesos takes', () => {
    expect(compiled({ id: 'x'.repeat(244) }).request.id).toHaveLength(244);
  });
});

describe('a task that is not taken is told why and what to do', () => {
  const image = { name: 'i' };
  const ucr = { name: 'i', runtime: 'ucr' };
  const http = { type: 'HTTP' };

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['no id', { id: '' }, 'id is "": it can\'t be empty'],
    ['a slash in the id', { id: 'a/b' }, 'id is "a/b": Mesos allows no \'/\''],
    ['a backslash in the id', { id: 'a\\b' }, "no '\\'"],
    ['a control character in the id', { id: 'a\nb' }, 'no control characters'],
    ['an id that is a directory', { id: '..' }, 'would name a directory'],
    [
      'an id that is too long',
      { id: `${'é'.repeat(122)}.` },
      'it has 245 bytes, and may have 244; Mesos takes at most 255, and 11 are for the number of a repeated launch',
    ],
    ['an id that is no text', { id: 7 }, 'id is 7: give 1 to 244 characters, as a text.'],
    ['half a character in the id', { id: '\ud800' }, 'no valid Unicode'],
    ['no cpus', { cpus: undefined }, 'cpus is missing: give units of a processor, such as 0.5, as a number.'],
    ['negative cpus', { cpus: -1 }, "cpus is -1: it can't be less than 0"],
    ['cpus that are no number', { cpus: Number.NaN }, 'cpus is NaN: Mesos takes finite numbers only'],
    ['endless memory', { memoryMb: Infinity }, 'memoryMb is Infinity'],
    ['memory as a text', { memoryMb: '128' }, 'memoryMb is "128": give megabytes, such as 128, as a number.'],
    ['half a GPU', { gpus: 0.5 }, 'gpus is 0.5: it must be whole'],
    [
      'a role that is not the framework’s',
      { role: 'ops' },
      'give one of "web", "batch", or subscribe with that role',
    ],
    ['a role with a dash', { role: '-web' }, "no '-' at its beginning"],
    ['a role with a space', { role: 'a b' }, 'no white space'],
    ['a role below nothing', { role: '/web' }, "begins, ends or doubles '/'"],
    ['an unknown field', { memory: 64 }, 'memory is no field of a spec: did you mean memoryMb?'],
    ['a misspelt field', { comand: 'x' }, 'did you mean command?'],
    ['a field of nothing', { zzzzzz: 1 }, 'zzzzzz is no field of a spec: known are cpus, memoryMb'],
    ['a misspelt field inside', { ports: [{ contanerPort: 1 }] }, 'did you mean ports[0].containerPort?'],
    ['neither command nor image', { command: undefined }, 'neither command nor image is given'],
    ['an empty command', { command: '' }, 'command is "": it can\'t be empty'],
    ['a NUL in a command', { command: 'a\0b' }, 'command holds a NUL character'],
    [
      'arguments twice',
      { image: { name: 'i', arguments: ['a'] } },
      'which command replaces: give one of them',
    ],
    ['an image without a name', { image: {} }, 'image.name is missing'],
    ['an unknown runtime', { image: { ...image, runtime: 'podman' } }, 'give "docker" or "ucr"'],
    ['the bridge of UCR', { image: { ...ucr, network: 'bridge' } }, 'which only Docker has'],
    [
      'Docker’s parameters for UCR',
      { image: { ...ucr, parameters: [{ key: 'a', value: 'b' }] } },
      'leave them out',
    ],
    ['a privileged UCR container', { image: { ...ucr, privileged: true } }, 'leave it out'],
    ['a routable bridge', { image: { ...image, routable: true } }, 'is for a named network'],
    [
      'a network behind the back',
      { image: { ...image, parameters: [{ key: 'net', value: 'host' }] } },
      'would override the network',
    ],
    ['a port that is none', { ports: [{ containerPort: 65_536 }] }, "it can't be more than 65535"],
    ['ports that are no list', { ports: 80 }, 'ports is 80: give a list'],
    ['a strange port name', { ports: [{ name: 'a b' }] }, 'ports[0].name is "a b"'],
    [
      'two ports of one name',
      { ports: [{ name: 'a' }, { name: 'a' }] },
      'ports[1] has the name "a" of ports[0]',
    ],
    [
      'a name that is a default',
      { ports: [{}, { name: 'port0' }] },
      'ports[1] has the name "port0" of ports[0]',
    ],
    ['a fixed port of the agent', { ports: [{ containerPort: 80 }] }, 'leave it out and listen on PORT0'],
    [
      'a fixed port of the host network',
      { image: { ...image, network: 'host' }, ports: [{}, { containerPort: 80 }] },
      'listen on PORT1',
    ],
    [
      'no port on a routable network',
      { image: { ...image, network: { name: 'n' }, routable: true }, ports: [{}] },
      'say where the program listens',
    ],
    [
      'one port twice',
      { image, ports: [{ containerPort: 80 }, { containerPort: 80 }] },
      'is the one of ports[0] already',
    ],
    ['a health check of nothing', { healthCheck: {} }, 'healthCheck.type is missing'],
    ['a health check without its port', { healthCheck: http }, 'but there are 0 ports'],
    [
      'a health check of another port',
      { ports: [{}], healthCheck: { ...http, portIndex: 1 } },
      'checks ports[1]',
    ],
    ['a relative path', { ports: [{}], healthCheck: { ...http, path: 'x' } }, "it must begin with '/'"],
    ['a command for HTTP', { ports: [{}], healthCheck: { ...http, command: 'x' } }, 'is for type COMMAND'],
    ['a path for TCP', { ports: [{}], healthCheck: { type: 'TCP', path: '/' } }, 'are for type HTTP'],
    ['a check by TCP of UDP', { ports: [{ protocol: 'udp' }], healthCheck: { type: 'TCP' } }, 'which is UDP'],
    ['no command to check with', { healthCheck: { type: 'COMMAND' } }, 'healthCheck.command is missing'],
    [
      'a port for a command',
      { healthCheck: { type: 'COMMAND', command: 'x', portIndex: 0 } },
      'portIndex is not for',
    ],
    [
      'no failures',
      { healthCheck: { type: 'COMMAND', command: 'x', maxFailures: 0 } },
      "it can't be less than 1",
    ],
    ['a number in the environment', { env: { PORT: 80 } }, 'env.PORT is 80: give a value, as a text.'],
    ['a strange variable', { env: { 'A=B': '1' } }, "holds no '='"],
    ['a label that is none', { labels: { a: null } }, 'labels.a is null'],
    ['a URI with a quote', { fetch: [{ uri: "http://x/'" }] }, 'encode them (%27, %5C)'],
    ['a file outside the sandbox', { fetch: [{ uri: 'x', outputFile: '../x' }] }, 'a path below the sandbox'],
    ['a volume without a path', { volumes: [{ hostPath: '/x' }] }, 'volumes[0].containerPath is missing'],
    [
      'a constraint of nothing',
      { constraints: [{ attribute: 'rack', operator: 'NEAR' }] },
      'constraints[0].operator',
    ],
    [
      'a constraint without a value',
      { constraints: [{ attribute: 'rack', operator: 'EQUALS' }] },
      'constraints[0]: ',
    ],
    ['no time to run', { maxRunMs: 0 }, "it can't be less than 1"],
    ['a grace before the end', { killGraceMs: -5 }, 'killGraceMs is -5'],
    ['no function', { customize: {} }, 'customize is an object: give a function.'],
  ])('%s', (_, spec, sentence) => {
    const reason = reasonOf(spec);
    expect(reason).toContain(sentence);
    expect(reason).toMatch(/[.?]$/);
  });

  test.each([[null], [7], ['x'], [[]], [undefined]])('%j is no spec', (spec) => {
    const compilation = compileTask(spec as unknown as typeof plain, defaults);
    expect(compilation).toMatchObject({ kind: 'invalid', reason: expect.stringContaining('the spec is') });
  });

  test('no sentence repeats a long text', () => {
    expect(reasonOf({ cpus: 'x'.repeat(10_000) }).length).toBeLessThan(200);
  });
});

describe('a group', () => {
  const task = { cpus: 0.5, memoryMb: 64, command: 'true' };

  function group(spec: Partial<TaskGroupSpec>) {
    return compileGroup({ id: 'g', tasks: [task, { ...task, id: 'second' }], ...spec }, defaults);
  }

  function groupReason(spec: Readonly<Record<string, unknown>>): string {
    const compilation = group(spec as Partial<TaskGroupSpec>);
    if (compilation.kind !== 'invalid') throw new Error(`${JSON.stringify(spec)} was taken`);
    return compilation.reason;
  }

  test('asks for its executor first, then for its tasks', () => {
    const compilation = group({});
    expect(compilation).toMatchObject({ kind: 'compiled', group: { id: 'g' } });
    if (compilation.kind !== 'compiled') return;
    expect(compilation.group.tasks.map(({ spec }) => spec.id)).toEqual(['g-1', 'second']);
    expect(compilation.group.request).toMatchObject({ id: 'g', role: 'web' });
    expect(compilation.group.request.units.map(({ cpusMilli }) => cpusMilli)).toEqual([100, 500, 500]);
    expect(compilation.group.request.units[0]).toEqual({
      cpusMilli: 100,
      memMilli: 32_000,
      diskMilli: 32_000,
      gpusMilli: 0,
      ports: 0,
    });
  });

  test('holds the constraints of all its tasks', () => {
    const on = (value: string) => ({
      ...task,
      constraints: [{ attribute: value, operator: 'EXISTS' }] as const,
    });
    const compilation = group({ tasks: [on('ssd'), on('gpu')] });
    if (compilation.kind !== 'compiled') throw new Error(compilation.reason);
    expect(compilation.group.request.constraints.map(({ text }) => text)).toEqual([
      'ssd EXISTS',
      'gpu EXISTS',
    ]);
  });

  test('runs images in the Mesos containerizer', () => {
    const compilation = group({ tasks: [{ ...task, image: 'i' }] });
    if (compilation.kind !== 'compiled') throw new Error(compilation.reason);
    expect(compilation.group.tasks[0]?.spec.image).toEqual({ name: 'i', runtime: 'ucr' });
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['no tasks', { tasks: [] }, 'tasks is empty'],
    ['no list', { tasks: {} }, 'tasks is an object: give a list'],
    ['a bad task', { tasks: [task, { ...task, cpus: -1 }] }, 'tasks[1].cpus is -1'],
    ['an id that leaves no room for its tasks’', { id: 'x'.repeat(243) }, 'it has 245 bytes'],
    [
      'a task that is bad in itself',
      { tasks: [{ ...task, command: undefined }] },
      'tasks[0]: neither command nor image',
    ],
    [
      'a Docker task',
      { tasks: [{ ...task, image: { name: 'i', runtime: 'docker' } }] },
      "give 'ucr' or leave it out",
    ],
    [
      'a network of its own',
      { tasks: [{ ...task, image: { name: 'i', network: 'host' } }] },
      'give it to the group',
    ],
    [
      'an id twice',
      {
        tasks: [
          { ...task, id: 'a' },
          { ...task, id: 'a' },
        ],
      },
      'which another task of the group has',
    ],
    ['two roles', { tasks: [task, { ...task, role: 'batch' }] }, 'placed on offers of one role'],
    [
      'too few cpus for the executor',
      { executor: { cpus: 0.001 } },
      "executor.cpus is 0.001: it can't be less than 0.01",
    ],
    ['too little memory for the executor', { executor: { memoryMb: 16 } }, "it can't be less than 32"],
    ['no disk for the executor', { executor: { diskMb: 0 } }, 'it needs a disk'],
    ['a network without a name', { network: {} }, 'network.name is missing'],
    ['an unknown field', { task: [] }, 'task is no field of a spec: did you mean tasks?'],
    [
      'two listeners on one port',
      {
        network: { name: 'n' },
        tasks: [
          { ...task, ports: [{ containerPort: 80 }] },
          { ...task, ports: [{ containerPort: 80 }] },
        ],
      },
      'tasks[1] listens on port 80, as tasks[0] does',
    ],
    [
      'a fixed port on the agent’s network',
      { tasks: [{ ...task, ports: [{ containerPort: 80 }] }] },
      "tasks[0]: ports[0].containerPort is 80, but the task shares the agent's network",
    ],
  ])('is refused for %s (O29)', (_, spec, sentence) => {
    expect(groupReason(spec)).toContain(sentence);
  });
});
