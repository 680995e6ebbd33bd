import openwhisk, { type Client, type Package } from 'openwhisk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, startPlatform } from '../platform/platform-process.ts';

const code = 'function main(args) { return args; }';

/** The client's types know neither parameters nor annotations as they are sent. */
const body = (members: object): Package => members as Package;

let ow: Client;
beforeAll(async () => {
  const platform = await startPlatform();
  ow = openwhisk({ apihost: `http://127.0.0.1:${platform.port}`, api_key: platform.key });
});
afterAll(cleanUp);

describe('the openwhisk npm client, unmodified, with packages', () => {
  it('creates, reads, updates, lists, counts and deletes them', async () => {
    const parameters = [{ key: 'a', value: 1 }];
    const created = await ow.packages.create({ name: 'box', package: body({ parameters }) });
    expect(created).toMatchObject({
      namespace: 'guest',
      name: 'box',
      version: '0.0.1',
      binding: {},
      parameters,
    });
    await expect(ow.packages.create({ name: 'box' })).rejects.toMatchObject({ statusCode: 409 });
    const updated = await ow.packages.update({ name: 'box', package: body({ publish: true }) });
    expect(updated).toMatchObject({ version: '0.0.2', publish: true, parameters });
    expect(await ow.packages.get('box')).toMatchObject({ actions: [], feeds: [] });
    expect(await ow.packages.list()).toMatchObject([{ name: 'box', binding: false }]);
    expect(await ow.packages.list({ count: true })).toEqual({ packages: 1 });
    await ow.packages.delete('box');
    await expect(ow.packages.get('box')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('creates, reads, invokes and deletes actions in them, also through a binding', async () => {
    const tools = body({ parameters: [{ key: 'a', value: 'package' }] });
    await ow.packages.create({ name: 'tools', package: tools });
    await ow.actions.create({ name: 'tools/echo', action: code, params: { c: 'action' } });
    const binding = { namespace: 'guest', name: 'tools' };
    const alias = body({ binding, parameters: [{ key: 'b', value: 'binding' }] });
    await ow.packages.create({ name: 'alias', package: alias });
    expect(await ow.actions.get('alias/echo')).toMatchObject({ namespace: 'guest/tools', name: 'echo' });
    const invoke = (name: string): Promise<unknown> =>
      ow.actions.invoke({ name, blocking: true, result: true, params: { d: 'payload' } });
    const merged = { a: 'package', b: 'binding', c: 'action', d: 'payload' };
    expect(await invoke('/guest/alias/echo')).toEqual(merged);
    expect(await invoke('alias/echo')).toEqual(merged);
    expect(await invoke('tools/echo')).not.toHaveProperty('b');
    expect(await ow.activations.list({ name: 'alias/echo' } as never)).toHaveLength(2);
    expect(await ow.packages.get('tools')).toMatchObject({ actions: [{ name: 'echo' }] });
    await expect(ow.actions.delete('alias/echo')).rejects.toMatchObject({ statusCode: 400 });
    await expect(ow.packages.delete('tools')).rejects.toMatchObject({ statusCode: 409 });
    await ow.actions.delete('tools/echo');
    await ow.packages.delete('tools');
    await expect(invoke('alias/echo')).rejects.toMatchObject({ statusCode: 404 });
  });
});
