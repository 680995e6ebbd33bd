import { createContext, runInContext } from 'node:vm';

import { defaultSystemLimits, readManifest, type JsonObject, type KnownRuntimes } from '@vibrissa/protocol';
import { ManualClock, SeededIds } from '@vibrissa/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { MemoryArtifactStore } from '../store/memory/memory-artifact-store.ts';
import { MemoryAttachmentStore } from '../store/memory/memory-attachment-store.ts';
import { MemoryAuthStore } from '../store/memory/memory-auth-store.ts';
import type { CataloguePackage } from './catalogue-definition.ts';
import { installCatalogue, type CatalogueDeps } from './install-catalogue.ts';
import { samplesPackage } from './samples-package.ts';
import { utilsPackage } from './utils-package.ts';

/** Counts what is asked of the store. */
class CountedStore extends MemoryArtifactStore {
  reads = 0;
  writes = 0;

  override get: MemoryArtifactStore['get'] = (...args) => {
    this.reads += 1;
    return super.get(...args);
  };

  override put: MemoryArtifactStore['put'] = (...args) => {
    this.writes += 1;
    return super.put(...args);
  };
}

function runtimesOf(...kinds: string[]): KnownRuntimes {
  const read = readManifest({
    runtimes: kinds.length === 0 ? {} : { nodejs: kinds.map((kind) => ({ kind, image: { name: 'node' } })) },
  });
  if (!read.ok) throw new Error(read.problems.join(' '));
  return read.runtimes;
}

let artifacts: CountedStore;
let auth: MemoryAuthStore;
let attachments: MemoryAttachmentStore;

const install = (packages: readonly CataloguePackage[], over: Partial<CatalogueDeps> = {}) =>
  installCatalogue(
    {
      artifacts,
      attachments,
      auth,
      runtimes: runtimesOf('nodejs:20'),
      limits: defaultSystemLimits,
      clock: new ManualClock(),
      ids: new SeededIds(),
      logger: silentLogger,
      ...over,
    },
    packages,
  );

beforeEach(() => {
  artifacts = new CountedStore();
  auth = new MemoryAuthStore();
  attachments = new MemoryAttachmentStore();
});

const tools: CataloguePackage = {
  name: 'tools',
  description: 'Tools',
  actions: [
    { name: 'one', description: 'One', code: 'function main() { return { one: 1 }; }' },
    { name: 'feed', description: 'A feed', isFeed: true, code: 'built-in' },
  ],
};

describe('the catalogue', () => {
  it('gives a fresh platform public packages with documented actions', async () => {
    await install([utilsPackage]);
    expect((await auth.subjectsOf('whisk.system')).length).toBe(1);
    const utils = await artifacts.get('package', 'whisk.system', 'utils');
    expect(utils?.entity).toMatchObject({ publish: true, version: '0.0.1' });
    const split = await artifacts.get('action', 'whisk.system/utils', 'split');
    expect(split?.entity.exec).toMatchObject({ kind: 'nodejs:20', binary: false });
    expect(split?.entity.annotations.map(({ key }) => key)).toEqual([
      'description',
      'parameters',
      'sampleInput',
      'sampleOutput',
      'provide-api-key',
      'exec',
    ]);
  });

  it('costs one read and no write when nothing has changed', async () => {
    await install([utilsPackage, samplesPackage]);
    artifacts.reads = artifacts.writes = 0;
    await install([utilsPackage, samplesPackage]);
    expect([artifacts.reads, artifacts.writes]).toEqual([1, 0]);
  });

  it('changes only what a new version of the platform defines otherwise', async () => {
    await install([tools]);
    const [one, feed] = tools.actions;
    await install([
      { ...tools, actions: [{ ...one!, code: 'function main() { return { one: 2 }; }' }, feed!] },
    ]);
    expect((await artifacts.get('action', 'whisk.system/tools', 'one'))?.entity.version).toBe('0.0.2');
    expect((await artifacts.get('action', 'whisk.system/tools', 'feed'))?.entity.version).toBe('0.0.1');
    expect((await artifacts.get('package', 'whisk.system', 'tools'))?.entity.version).toBe('0.0.1');
  });

  it('removes what a new version has no more, and leaves what the administrator added', async () => {
    await install([tools, utilsPackage]);
    const own = (await artifacts.get('action', 'whisk.system/tools', 'one'))!.entity;
    await artifacts.put({ ...own, name: 'mine' }, undefined);
    await install([{ ...tools, actions: [] }]);
    expect(await artifacts.get('action', 'whisk.system/tools', 'one')).toBeUndefined();
    expect(await artifacts.get('action', 'whisk.system/tools', 'mine')).toBeDefined();
    expect(await artifacts.get('package', 'whisk.system', 'utils')).toBeUndefined();
    await install([]);
    expect(await artifacts.get('package', 'whisk.system', 'tools')).toBeDefined();
  });

  it('goes on where a start was cut off', async () => {
    const put = artifacts.put;
    let left = 2;
    artifacts.put = (...args) => (left-- > 0 ? put(...args) : Promise.reject(new Error('The power is cut.')));
    await expect(install([tools, utilsPackage])).rejects.toThrow('The power is cut.');
    artifacts.put = put;
    await install([tools, utilsPackage]);
    expect((await artifacts.get('action', 'whisk.system/utils', 'sort'))?.entity.version).toBe('0.0.1');
  });

  it('leaves Node.js actions out on a machine without Node.js, but not the feeds', async () => {
    await install([tools], { runtimes: runtimesOf() });
    expect(await artifacts.get('action', 'whisk.system/tools', 'one')).toBeUndefined();
    const feed = await artifacts.get('action', 'whisk.system/tools', 'feed');
    expect(feed?.entity.annotations).toContainEqual({ key: 'feed', value: true });
    expect(feed?.entity.exec).toEqual({
      kind: 'blackbox',
      image: 'vibrissa/built-in',
      binary: false,
      size: 0,
    });
  });
});

type Main = (params: JsonObject) => unknown;

function mainOf(code: string): Main {
  const context = createContext({
    console: { log() {} },
    process: { env: { __OW_NAMESPACE: 'guest', __OW_API_HOST: 'http://host' } },
    setTimeout: (run: () => void) => run(),
  });
  return runInContext(`${code}; main`, context) as Main;
}

const hosts = new Set(['date', 'curl', 'hosturl']);

describe.each([utilsPackage, samplesPackage])('/whisk.system/$name', ({ actions }) => {
  it.each(actions.filter(({ name }) => !hosts.has(name)))(
    '$name answers its sample input with its sample output',
    async ({ code, sampleInput, sampleOutput }) => {
      const result = await mainOf(code)({ ...sampleInput });
      expect(JSON.parse(JSON.stringify(result))).toEqual(sampleOutput);
    },
  );
});

describe('hostile input', () => {
  const strange = [
    {},
    { lines: 'no list' },
    { payload: null },
    { payload: '[', separator: '[' },
    { $fieldName: '__proto__', a: 1 },
  ];
  it.each([...utilsPackage.actions, ...samplesPackage.actions].filter(({ name }) => name !== 'curl'))(
    '$name answers with an object whatever it is given',
    async ({ code }) => {
      for (const input of strange) expect(await mainOf(code)(input as JsonObject)).toBeTypeOf('object');
    },
  );
});

it('/whisk.system/utils/hosturl builds the addresses of actions, web actions and triggers', () => {
  const hosturl = mainOf(utilsPackage.actions.find(({ name }) => name === 'hosturl')!.code);
  expect(hosturl({ path: 'a/b' })).toEqual({ url: 'http://host/api/v1/namespaces/guest/actions/a/b' });
  expect(hosturl({ path: 'b', web: true })).toEqual({ url: 'http://host/api/v1/web/guest/default/b.json' });
  expect(hosturl({ path: 't', trigger: true })).toEqual({
    url: 'http://host/api/v1/namespaces/guest/triggers/t',
  });
});
