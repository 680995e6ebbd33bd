import { aMessage, anAction, aStored } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { MemoryArtifactStore } from '../store/memory/memory-artifact-store.ts';
import { ActionResolver, actionPath, prepareAction } from './resolve-action.ts';

test('an action is fetched once for each revision, and what was resolved stays what runs', async () => {
  const artifacts = new MemoryArtifactStore();
  const put = await artifacts.put(anAction(), undefined);
  const revision = put.outcome === 'stored' ? put.revision : '';
  const resolver = ActionResolver.open(artifacts);
  const message = aMessage({ revision });
  expect(resolver.known(message)).toBeUndefined();
  const fetched = await resolver.fetch(message);
  await artifacts.put(anAction({ version: '0.0.2' }), revision);
  expect(resolver.known(message)).toBe(fetched.outcome === 'found' && fetched.action);
});

test('an action that changed before it was fetched runs as it is now', async () => {
  const artifacts = new MemoryArtifactStore();
  await artifacts.put(anAction({ version: '0.0.7' }), undefined);
  const resolver = ActionResolver.open(artifacts);
  expect(await resolver.fetch(aMessage({ revision: 'older' }))).toMatchObject({
    outcome: 'found',
    action: { entity: { version: '0.0.7' } },
  });
});

test('actions of packages have their package in their path', () => {
  expect(actionPath({ namespace: 'guest', name: 'hello' })).toBe('guest/hello');
  expect(actionPath({ namespace: 'guest', package: 'tools', name: 'hello' })).toBe('guest/tools/hello');
});

test('a definition is the same whatever the revision, and different in everything that shapes a container', () => {
  const { definition } = prepareAction(aStored(anAction(), '1-a'));
  expect(prepareAction(aStored(anAction({ updated: 7 }), '2-b')).definition).toBe(definition);
  const others = [
    anAction({ version: '0.0.2' }),
    anAction({ name: 'other' }),
    anAction({ limits: { timeout: 1, memory: 256, logs: 10, concurrency: 1 } }),
    anAction({ parameters: [{ key: 'a', value: 1 }] }),
    anAction({ annotations: [{ key: 'internet', value: true }] }),
    anAction({ exec: { kind: 'nodejs:20', binary: false, codeDigest: 'other', size: 42 } }),
  ];
  const definitions = others.map((entity) => prepareAction(aStored(entity)).definition);
  expect(new Set([definition, ...definitions]).size).toBe(others.length + 1);
});

test.each([
  [undefined, false],
  [true, true],
  [false, false],
  ['true', false],
])('with the annotation internet %j it needs the internet: %j', (value, needed) => {
  const annotations = value === undefined ? [] : [{ key: 'internet', value }];
  expect(prepareAction(aStored(anAction({ annotations }))).needsInternet).toBe(needed);
});
