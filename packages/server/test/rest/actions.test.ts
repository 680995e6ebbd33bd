import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest, stranger, type RestFixture } from './rest-fixture.ts';

const source = 'function main(args) { return args; }';
const nodeExec = { kind: 'nodejs:20', code: source };

let rest: RestFixture;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest.close());

async function create(name: string, body: object = { exec: nodeExec }): Promise<unknown> {
  const { status, json, text } = await rest.call('PUT', `_/actions/${name}`, { body });
  if (status !== 200) throw new Error(text);
  return json;
}

async function refusal(name: string, body: unknown, status = 400): Promise<string> {
  const reply = await rest.call('PUT', `_/actions/${name}?overwrite=true`, { body });
  expect(reply.status).toBe(status);
  return (reply.json as { error: string }).error;
}

describe('creating an action', () => {
  it('answers with the whole document: defaults, real namespace, annotations at the end', async () => {
    await rest.clock.advance(5);
    const document = await create('hello', {
      namespace: 'ignored',
      name: 'ignored',
      exec: nodeExec,
      parameters: [{ key: 'a', value: 1 }],
      annotations: [{ key: 'z', value: [true] }],
    });
    expect(document).toEqual({
      namespace: 'guest',
      name: 'hello',
      version: '0.0.1',
      publish: false,
      updated: rest.clock.now(),
      exec: { kind: 'nodejs:20', code: source, binary: false },
      parameters: [{ key: 'a', value: 1 }],
      limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
      annotations: [
        { key: 'z', value: [true] },
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'nodejs:20' },
      ],
    });
  });

  it('keeps the code apart from the metadata', async () => {
    await create('apart');
    const stored = await rest.artifacts.get('action', 'guest', 'apart');
    expect(JSON.stringify(stored?.entity)).not.toContain(source);
    expect(await rest.attachments.read(stored?.entity.exec.codeDigest ?? '')).toBe(source);
    expect(stored?.entity.exec.size).toBe(source.length);
  });

  it('resolves a default kind, whatever its case, and tells base64 from text', async () => {
    expect(
      await create('default-kind', { exec: { kind: ' NodeJS:Default ', code: 'UEsDBAo=' } }),
    ).toMatchObject({
      exec: { kind: 'nodejs:20', binary: true, code: 'UEsDBAo=' },
      annotations: [
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'nodejs:20' },
      ],
    });
  });

  it('takes a blackbox image with and without code', async () => {
    expect(
      await create('bare-box', { exec: { kind: 'blackbox', image: 'openwhisk/dockerskeleton', code: ' ' } }),
    ).toMatchObject({
      exec: { kind: 'blackbox', image: 'openwhisk/dockerskeleton', binary: false },
    });
    const box = { kind: 'blackbox', image: 'registry.example.com:5000/a/b:1.2', code: 'UEsDBAo=', main: 'm' };
    const { exec } = (await create('box', { exec: box })) as { exec: object };
    expect(exec).toEqual({ ...box, binary: true });
    expect(Object.keys(exec)).toEqual(['kind', 'image', 'binary', 'code', 'main']);
  });

  it('refuses a name that is taken, unless it may overwrite', async () => {
    await create('taken');
    const again = await rest.call('PUT', '_/actions/taken', { body: { exec: nodeExec } });
    expect(again).toMatchObject({ status: 409, json: { error: 'resource already exists' } });
    for (const exec of [
      { kind: 'nodejs:16', code: 'x' },
      { kind: 'sequence', components: ['/_/none'] },
    ]) {
      expect((await rest.call('PUT', '_/actions/taken', { body: { exec } })).status).toBe(409);
    }
    const over = await rest.call('PUT', '_/actions/taken?overwrite=true', { body: { exec: nodeExec } });
    expect(over).toMatchObject({ status: 200, json: { version: '0.0.2' } });
  });

  it('says which part of the body is wrong, in the words that clients know', async () => {
    const malformed = (detail: string) => `The request content was malformed:\n${detail}`;
    expect(await refusal('wrong', {})).toBe(malformed('exec undefined'));
    expect(await refusal('wrong', [])).toBe(malformed('JSON object expected'));
    expect(await refusal('wrong', { exec: {} })).toBe(malformed("'kind' must be a string defined in 'exec'"));
    expect(await refusal('wrong', { exec: { kind: 'cobol:1' } })).toBe(
      malformed(
        "The specified runtime 'cobol:1' is not supported by this platform. Valid values are: 'nodejs:20', 'nodejs:18', 'nodejs:16', 'python:3.11', 'java:8', 'sequence', 'blackbox'.",
      ),
    );
    expect(await refusal('wrong', { exec: { kind: 'nodejs:20' } })).toBe(
      malformed("'code' must be a string or attachment object defined in 'exec' for 'nodejs:20' actions"),
    );
    expect(await refusal('wrong', { exec: { kind: 'nodejs:18', code: 7 } })).toBe(
      malformed("'code' must be a string defined in 'exec' for 'nodejs:18' actions"),
    );
    expect(await refusal('wrong', { exec: { ...nodeExec, main: 1 } })).toBe(
      malformed("if defined, 'main' be a string in 'exec' for 'nodejs:20' actions"),
    );
    expect(await refusal('wrong', { exec: { kind: 'java:8', jar: 'abcd' } })).toBe(
      malformed("'main' must be a string defined in 'exec' for 'java:8' actions"),
    );
    expect(await refusal('wrong', { exec: { kind: 'blackbox' } })).toBe(
      malformed("'image' must be a string defined in 'exec' for 'blackbox' actions"),
    );
    expect(await refusal('wrong', { exec: { kind: 'blackbox', image: 'no image!' } })).toBe(
      malformed('could not parse image name'),
    );
    expect(await refusal('wrong', { exec: { kind: 'sequence' } })).toBe(
      malformed("'components' must be defined for sequence kind"),
    );
    expect(await refusal('wrong', { exec: { kind: 'sequence', components: 'a' } })).toBe(
      malformed("'components' must be an array"),
    );
    expect(await refusal('wrong', { exec: nodeExec, parameters: {} })).toBe(
      malformed('parameters malformed!'),
    );
    expect(await refusal('wrong', { exec: nodeExec, parameters: [{ value: 1 }] })).toBe(
      malformed('invalid parameter'),
    );
    expect(await refusal('wrong', { exec: nodeExec, version: '0.0.0' })).toBe(
      malformed('semantic version malformed'),
    );
    expect(await refusal('wrong', { exec: nodeExec, limits: { timeout: 1.5 } })).toBe(
      malformed('requirement failed: time limit must be whole number'),
    );
    expect(await refusal('wrong', { exec: nodeExec, limits: { memory: '256' } })).toBe(
      malformed('memory limit malformed'),
    );
    expect(await refusal('wrong', { exec: nodeExec, publish: 'yes' })).toContain("'publish'");
    expect(await rest.artifacts.get('action', 'guest', 'wrong')).toBeUndefined();
  });

  it('refuses limits that are out of bounds, with the bound', async () => {
    const limits = (given: object) => refusal('limited', { exec: nodeExec, limits: given });
    expect(await limits({ timeout: 99 })).toBe(
      'requirement failed: duration 99 milliseconds below allowed threshold of 100 milliseconds',
    );
    expect(await limits({ timeout: 300_001 })).toBe(
      'requirement failed: duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds',
    );
    expect(await limits({ memory: 127 })).toContain('memory size 127 MB below allowed threshold of 128 MB');
    expect(await limits({ memory: 513 })).toContain('memory size 513 MB exceeds allowed threshold of 512 MB');
    expect(await limits({ logs: 11 })).toContain('log size 11 MB exceeds allowed threshold of 10 MB');
    expect(await limits({ logs: -1 })).toContain('log size -1 MB below allowed threshold of 0 MB');
    expect(await limits({ concurrency: 2 })).toContain('concurrency 2 exceeds allowed threshold of 1');
    expect(await limits({ concurrency: 0 })).toContain('concurrency 0 below allowed threshold of 1');
    expect(await limits({ instances: 31 })).toContain(
      'Max action instance concurrency must not exceed your namespace concurrency of 30.',
    );
    expect(await limits({ instances: -1 })).toContain(
      'Action container concurrency must be greater than or equal to 0.',
    );
    expect(await limits({ instances: 1.5 })).toContain('instance concurrency limit must be whole number');
    expect(await limits({ instances: '2' })).toContain('instance concurrency limit malformed');
  });

  it('refuses a kind that is no longer run', async () => {
    expect(await refusal('old', { exec: { kind: 'nodejs:16', code: source } })).toBe(
      "The 'nodejs:16' runtime is no longer supported. You may read and delete but not update or invoke this action.",
    );
  });

  it('refuses parameters, annotations and code that are too large, in that size', async () => {
    const value = 'x'.repeat(1024 * 1024);
    expect(await refusal('large', { exec: nodeExec, parameters: [{ key: 'p', value }] }, 413)).toBe(
      'parameters larger than allowed: 1048579 > 1048576 bytes.',
    );
    expect(await refusal('large', { exec: nodeExec, annotations: [{ key: 'p', value }] }, 413)).toBe(
      'annotations larger than allowed: 1048579 > 1048576 bytes.',
    );
    const code = 'x'.repeat(48 * 1024 * 1024 + 1);
    expect(await refusal('large', { exec: { kind: 'nodejs:20', code } }, 413)).toBe(
      'exec larger than allowed: 50331649 > 50331648 bytes.',
    );
  });

  it('refuses names that are no names', async () => {
    const error = async (name: string) => (await rest.call('PUT', `_/actions/${name}`, { body: {} })).json;
    expect(await error('a%2Fb')).toMatchObject({
      error: 'The name of the entity contains illegal characters.',
    });
    expect(await error('%20a')).toMatchObject({
      error: 'The name of the entity contains illegal characters.',
    });
    expect(await error('a%20')).toMatchObject({
      error: 'The name of the entity contains illegal characters.',
    });
    expect(await error('x'.repeat(257))).toMatchObject({
      error: 'Name segement longer than allowed: 257 > 256.',
    });
    expect((await rest.call('GET', `${'n'.repeat(257)}/actions`)).json).toMatchObject({
      error: 'Namespace longer than allowed: 257 > 256.',
    });
    expect((await rest.call('GET', 'n!/actions')).json).toMatchObject({
      error: 'The namespace contains illegal characters.',
    });
    await create(`${'x'.repeat(254)}%20@`);
  });

  it('keeps parameters for the environment apart', async () => {
    const body = {
      exec: nodeExec,
      parameters: [
        { key: 'e', value: null, init: true },
        { key: 'f', init: false },
      ],
    };
    const reply = await rest.call('PUT', '_/actions/init', { body, wide: true });
    expect(reply.json).toMatchObject({
      parameters: [
        { key: 'e', value: null, init: true },
        { key: 'f', value: null },
      ],
    });
  });

  it('takes what any object inherits as plain data', async () => {
    const text = `{"exec":{"kind":"nodejs:20","code":"x","__proto__":{"main":"evil"}},"__proto__":{"publish":true},"parameters":[{"key":"__proto__","value":{"__proto__":{"polluted":1},"constructor":{"prototype":2}}}]}`;
    const reply = await rest.call('PUT', '_/actions/proto', { text });
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({ publish: false });
    expect(reply.text).not.toContain('evil');
    expect(reply.text).toContain('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}');
    expect(Object.hasOwn({}, 'polluted')).toBe(false);
    expect((Object.prototype as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('updating an action', () => {
  it('keeps what the body leaves out, merges annotations and limits, and raises the version', async () => {
    await create('kept', {
      exec: nodeExec,
      publish: true,
      limits: { memory: 128 },
      parameters: [{ key: 'p', value: 1 }],
      annotations: [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
    });
    const body = {
      limits: { timeout: 1000 },
      annotations: [
        { key: 'a', value: 9 },
        { key: 'c', value: 3 },
      ],
      delAnnotations: ['b'],
    };
    expect((await rest.call('PUT', '_/actions/kept?overwrite=true', { body })).json).toMatchObject({
      version: '0.0.2',
      publish: true,
      exec: { kind: 'nodejs:20', code: source },
      parameters: [{ key: 'p', value: 1 }],
      limits: { timeout: 1000, memory: 128, logs: 10, concurrency: 1 },
      annotations: [
        { key: 'a', value: 9 },
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'nodejs:20' },
        { key: 'c', value: 3 },
      ],
    });
  });

  it('replaces parameters wholesale, takes a version, and renames the kind in the annotations', async () => {
    await create('replaced', { exec: nodeExec, parameters: [{ key: 'p', value: 1 }] });
    const body = {
      exec: { kind: 'python:3.11', code: 'def main(a): return a' },
      parameters: [],
      version: '2.1',
    };
    expect((await rest.call('PUT', '_/actions/replaced?overwrite=true', { body })).json).toMatchObject({
      version: '2.1.0',
      parameters: [],
      annotations: [
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'python:3.11' },
      ],
    });
  });

  it('begins at the first version again when it was deleted in between', async () => {
    await create('again');
    await rest.call('PUT', '_/actions/again?overwrite=true', { body: {} });
    await rest.call('DELETE', '_/actions/again');
    expect(await create('again')).toMatchObject({ version: '0.0.1' });
  });

  it('loses against a change that came first', async () => {
    const { artifacts } = rest;
    await create('raced');
    const racing = await openRest({
      overrides: {
        artifacts: {
          get: artifacts.get.bind(artifacts),
          typeOf: artifacts.typeOf.bind(artifacts),
          list: artifacts.list.bind(artifacts),
          count: artifacts.count.bind(artifacts),
          put: async () => ({ outcome: 'conflict' }),
          delete: async () => ({ outcome: 'conflict' }),
        },
      },
    });
    const conflict = { status: 409, json: { error: 'Concurrent modification to resource detected.' } };
    expect(await racing.call('PUT', '_/actions/raced?overwrite=true', { body: {} })).toMatchObject(conflict);
    expect(await racing.call('DELETE', '_/actions/raced')).toMatchObject(conflict);
    await racing.close();
  });
});

describe('reading actions', () => {
  it('leaves the code out when asked to', async () => {
    await create('quiet');
    const reply = await rest.call('GET', 'guest/actions/quiet?code=false');
    expect(reply.json).toMatchObject({ exec: { kind: 'nodejs:20', binary: false } });
    expect(reply.text).not.toContain('code');
    expect((await rest.call('GET', 'guest/actions/quiet')).json).toMatchObject({ exec: { code: source } });
  });

  it('says that what is missing does not exist', async () => {
    const missing = { status: 404, json: { error: 'The requested resource does not exist.' } };
    expect(await rest.call('GET', '_/actions/missing')).toMatchObject(missing);
    expect(await rest.call('DELETE', '_/actions/missing')).toMatchObject(missing);
    expect(await rest.call('GET', '_/actions/pkg/missing')).toMatchObject({
      status: 404,
      json: { error: "The requested resource 'guest/pkg' does not exist." },
    });
    expect((await rest.call('GET', '_/actions/pkg/')).status).toBe(404);
  });

  it('says that an action is corrupted when its code has gone', async () => {
    await create('hollow');
    const stored = await rest.artifacts.get('action', 'guest', 'hollow');
    const { entity, revision } = stored!;
    await rest.artifacts.put({ ...entity, exec: { ...entity.exec, codeDigest: 'gone' } }, revision);
    expect(await rest.call('GET', '_/actions/hollow')).toMatchObject({
      status: 500,
      json: { error: 'Resource is corrupted and cannot be read.' },
    });
    expect((await rest.call('DELETE', '_/actions/hollow')).status).toBe(200);
  });

  it('shows others nothing', async () => {
    await create('mine');
    for (const method of ['GET', 'DELETE', 'POST']) {
      expect(await rest.call(method, 'guest/actions/mine', { as: stranger })).toMatchObject({
        status: 403,
        json: { error: "The supplied authentication is not authorized to access 'guest/mine'." },
      });
    }
    expect((await rest.call('GET', 'guest/actions', { as: stranger, wide: true })).status).toBe(403);
    expect(
      (await rest.call('PUT', 'guest/actions/mine', { as: stranger, body: { exec: nodeExec } })).status,
    ).toBe(403);
  });

  it('lists summaries, newest first, by page, and counts', async () => {
    for (const name of ['one', 'two', 'three']) {
      await rest.clock.advance(10);
      await rest.call('PUT', `_/actions/${name}`, { as: stranger, body: { exec: nodeExec } });
    }
    const names = async (query: string) =>
      ((await rest.call('GET', `_/actions${query}`, { as: stranger })).json as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(await names('')).toEqual(['three', 'two', 'one']);
    expect(await names('/?limit=1&skip=1')).toEqual(['two']);
    expect(await names('?limit=0')).toHaveLength(3);
    const count = async (query: string) =>
      (await rest.call('GET', `_/actions?count=true${query}`, { as: stranger })).json;
    expect(await count('')).toEqual({ actions: 3 });
    expect(await count('&skip=2')).toEqual({ actions: 1 });
    expect(await count('&skip=9')).toEqual({ actions: 0 });
    expect((await rest.call('GET', '_/actions?limit=1', { as: stranger })).json).toMatchObject([
      {
        namespace: 'stranger',
        exec: { binary: false },
        limits: { memory: 256 },
        annotations: [{}, { key: 'exec', value: 'nodejs:20' }],
      },
    ]);
  });

  it('says what is wrong with a page', async () => {
    const error = async (query: string) => {
      const { status, json } = await rest.call('GET', `_/actions?${query}`);
      expect(status).toBe(400);
      return (json as { error: string }).error;
    };
    expect(await error('limit=201')).toBe(
      "The query parameter 'limit' was malformed:\nThe value '201' is not in the range of 0 to 200 for actions.",
    );
    expect(await error('limit=-1')).toContain("The value '-1' is not in the range of 0 to 200 for actions.");
    expect(await error('limit=x')).toBe(
      "The query parameter 'limit' was malformed:\nThe value 'x' is not an integer for actions.",
    );
    expect(await error('skip=-1')).toContain("The value '-1' is not greater than or equal to 0 for actions.");
    expect(await error('count=maybe')).toContain("'maybe' is not a valid Boolean value");
  });
});

describe('the limits of a namespace', () => {
  it('bound its actions and are shown', async () => {
    await rest.limit('guest', {
      maxActionMemory: 128,
      allowedKinds: ['nodejs:20'],
      maxParameterSize: 10,
      invocationsPerMinute: 7,
    });
    expect(await refusal('bounded', { exec: nodeExec, limits: { memory: 256 } })).toContain(
      'memory size 256 MB exceeds allowed threshold of 128 MB',
    );
    expect(await refusal('bounded', { exec: { kind: 'python:3.11', code: 'x' } }, 403)).toBe(
      "The supplied authentication is not authorized to access actions of kind 'python:3.11'.",
    );
    expect(
      await refusal('bounded', { exec: nodeExec, parameters: [{ key: 'abc', value: '12345678' }] }, 413),
    ).toBe('parameters larger than allowed: 13 > 10 bytes.');
    expect(await create('bounded')).toMatchObject({ limits: { memory: 128 } });
    expect((await rest.call('GET', '_/limits')).json).toEqual({
      invocationsPerMinute: 7,
      concurrentInvocations: 30,
      firesPerMinute: 60,
      allowedKinds: ['nodejs:20'],
      minActionMemory: 128,
      maxActionMemory: 128,
      minActionLogs: 0,
      maxActionLogs: 10,
      minActionTimeout: 100,
      maxActionTimeout: 300_000,
      minActionConcurrency: 1,
      maxActionConcurrency: 1,
      maxParameterSize: '10 B',
      maxActionInstances: 30,
    });
    await rest.limit('guest', {});
  });

  it('close kinds to new code, and leave what is there to be changed otherwise', async () => {
    await create('older');
    await rest.limit('guest', { allowedKinds: ['python:3.11'] });
    const body = { annotations: [{ key: 'a', value: 1 }] };
    expect((await rest.call('PUT', '_/actions/older?overwrite=true', { body })).status).toBe(200);
    expect(await refusal('older', { exec: nodeExec }, 403)).toContain("actions of kind 'nodejs:20'");
    await rest.limit('guest', {});
  });

  it('show the sizes of arguments and results where the administrator set them', async () => {
    await rest.limit('guest', { maxPayloadSize: 2000, truncationSize: 4000 });
    const { json } = await rest.call('GET', '_/limits', { wide: true });
    expect(json).toMatchObject({ maxPayloadSize: '2000 B', truncationSize: '2000 B' });
    await rest.limit('guest', {});
    expect((await rest.call('GET', '_/limits')).json).not.toHaveProperty('maxPayloadSize');
  });

  it('are not shown one by one, nor to others', async () => {
    expect(await rest.call('GET', '_/limits/x')).toMatchObject({
      status: 400,
      json: { error: 'Inner entity level routes for limits are not yet implemented.' },
    });
    expect((await rest.call('GET', 'guest/limits', { as: stranger })).status).toBe(403);
  });
});
