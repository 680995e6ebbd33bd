import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guest, openRest, stranger, type Reply, type RestFixture } from './rest-fixture.ts';

const exec = { kind: 'nodejs:20', code: 'function main(args) { return args; }' };

let rest: RestFixture;

async function must(method: string, path: string, wish: { body?: object; as?: typeof guest }): Promise<void> {
  const { status, text } = await rest.call(method, path, wish);
  if (status !== 200) throw new Error(`${method} ${path}: ${text}`);
}

/** What a stranger gets from namespace `guest`. */
const theirs = (method: string, path: string, body?: object): Promise<Reply> =>
  rest.call(method, `guest/${path}`, { as: stranger, ...(body === undefined ? {} : { body }) });

function forbidden(name: string): object {
  const error = `The supplied authentication is not authorized to access '${name}'.`;
  return { status: 403, json: { error } };
}

beforeAll(async () => {
  rest = await openRest();
  const publicBody = { body: { publish: true, parameters: [{ key: 'p', value: 'provider' }] } };
  await must('PUT', '_/packages/open', publicBody);
  await must('PUT', '_/packages/closed', { body: {} });
  for (const pkg of ['open', 'closed']) {
    await must('PUT', `_/actions/${pkg}/act`, { body: { exec } });
    const body = { publish: true, binding: { namespace: '_', name: pkg } };
    await must('PUT', `_/packages/bound-${pkg}`, { body });
  }
  const body = { binding: { namespace: 'guest', name: 'open' }, parameters: [{ key: 'q', value: 'mine' }] };
  await must('PUT', '_/packages/mine', { body, as: stranger });
});
afterAll(() => rest.close());

describe('another’s public package', () => {
  it('may be read, listed and invoked by everybody', async () => {
    expect(await theirs('GET', 'packages/open')).toMatchObject({ status: 200, json: { publish: true } });
    expect(await theirs('GET', 'actions/open/')).toMatchObject({ status: 200, json: [{ name: 'act' }] });
    expect(await theirs('GET', 'actions/open/act')).toMatchObject({
      status: 200,
      json: { exec: { code: exec.code }, parameters: [{ key: 'p', value: 'provider' }] },
    });
    expect(await theirs('POST', 'actions/open/act', {})).toMatchObject({ status: 202 });
    const { identity, target } = rest.invocations.requests.at(-1)!;
    expect(identity.namespace.name).toBe('stranger');
    expect(target).toMatchObject({ name: { namespace: 'guest', package: 'open', name: 'act' } });
    expect(target).not.toHaveProperty('binding');
  });

  it('is written by its owner alone', async () => {
    const writes: readonly [string, string, object | undefined, string][] = [
      ['PUT', 'packages/open?overwrite=true', {}, 'guest/open'],
      ['DELETE', 'packages/open', undefined, 'guest/open'],
      ['PUT', 'packages/new', {}, 'guest/new'],
      ['PUT', 'actions/open/new', { exec }, 'guest/open/new'],
      ['PUT', 'actions/open/act?overwrite=true', { exec }, 'guest/open/act'],
      ['DELETE', 'actions/open/act', undefined, 'guest/open/act'],
    ];
    for (const [method, path, body, name] of writes) {
      expect(await theirs(method, path, body)).toMatchObject(forbidden(name));
    }
  });

  it('is all that a stranger’s list of another’s packages shows', async () => {
    expect(await theirs('GET', 'packages')).toMatchObject({ json: [{ name: 'open', binding: false }] });
    expect((await theirs('GET', 'packages?count=true')).json).toEqual({ packages: 1 });
    expect((await rest.call('GET', '_/packages?count=true')).json).toEqual({ packages: 4 });
    expect(await theirs('GET', 'actions')).toMatchObject(forbidden('guest'));
  });

  it('may be bound, and its actions then lie under the binding’s name', async () => {
    const as = { as: stranger } as const;
    expect(await rest.call('GET', '_/actions/mine/act', as)).toMatchObject({
      status: 200,
      json: {
        namespace: 'guest/open',
        parameters: [
          { key: 'p', value: 'provider' },
          { key: 'q', value: 'mine' },
        ],
      },
    });
    expect(await rest.call('POST', '_/actions/mine/act', { ...as, body: {} })).toMatchObject({ status: 202 });
    expect(rest.invocations.requests.at(-1)?.target).toMatchObject({
      name: { namespace: 'guest', package: 'open', name: 'act' },
      binding: 'stranger/mine',
      packageParameters: [
        { key: 'p', value: 'provider' },
        { key: 'q', value: 'mine' },
      ],
    });
  });
});

describe('what is not public', () => {
  it.each(['closed', 'bound-open', 'bound-closed', 'missing'])(
    'looks the same to a stranger, whether it is there or not: %s',
    async (name) => {
      expect(await theirs('GET', `packages/${name}`)).toMatchObject(forbidden(`guest/${name}`));
      expect(await theirs('DELETE', `packages/${name}`)).toMatchObject(forbidden(`guest/${name}`));
      expect(await theirs('GET', `actions/${name}/`)).toMatchObject(forbidden(`guest/${name}`));
      for (const [method, body] of [['GET'], ['POST', {}], ['PUT', { exec }], ['DELETE']] as const) {
        const reply = await theirs(method, `actions/${name}/act`, body);
        expect(reply).toMatchObject(forbidden(`guest/${name}/act`));
      }
    },
  );

  it('cannot be bound, whether it is there or not', async () => {
    for (const name of ['closed', 'bound-open', 'missing']) {
      const body = { binding: { namespace: 'guest', name } };
      const reply = await rest.call('PUT', '_/packages/wish', { body, as: stranger });
      expect(reply).toMatchObject(forbidden(`guest/${name}`));
    }
  });

  it('its owner finds missing when it is missing', async () => {
    const error = "The requested resource 'guest/missing' does not exist.";
    const calls = [
      ['GET', 'packages/missing', undefined],
      ['GET', 'actions/missing/', undefined],
      ['GET', 'actions/missing/act', undefined],
      ['POST', 'actions/missing/act', {}],
      ['PUT', 'actions/missing/act', { exec }],
      ['DELETE', 'actions/missing/act', undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      const reply = await rest.call(method, `_/${path}`, body === undefined ? {} : { body });
      expect(reply).toMatchObject({ status: 404, json: { error } });
    }
    expect(await rest.call('GET', '_/actions/open/missing')).toMatchObject({
      status: 404,
      json: { error: 'The requested resource does not exist.' },
    });
  });
});

describe('a package that its owner withdraws', () => {
  it('is closed to the bindings of others at once, and open again when it is published again', async () => {
    const publish = (value: boolean) =>
      must('PUT', '_/packages/open?overwrite=true', { body: { publish: value } });
    const through = async () => (await rest.call('GET', '_/actions/mine/act', { as: stranger })).status;
    expect(await through()).toBe(200);
    await publish(false);
    expect(await through()).toBe(403);
    expect(await theirs('POST', 'actions/open/act', {})).toMatchObject({ status: 403 });
    expect(await rest.call('GET', '_/packages/mine', { as: stranger })).toMatchObject(
      forbidden('stranger/mine'),
    );
    await publish(true);
    expect(await through()).toBe(200);
  });
});
