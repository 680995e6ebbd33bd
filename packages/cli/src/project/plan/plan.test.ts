import { expect, test } from 'vitest';
import { keyOf, type Collection, type Entity } from '../entity.ts';
import { compareEntities } from './compare.ts';
import { maskJson } from './mask.ts';
import { orderEntities } from './order.ts';
import { markEntities, planDeployment, planUndeployment, type Deployed, type Operation } from './plan.ts';

function entity(collection: Collection, name: string, fields: Readonly<Record<string, string>> = {}): Entity {
  return { collection, name, fields: new Map(Object.entries(fields)) };
}

function deployed(...entities: Entity[]): Deployed {
  return new Map(entities.map((one) => [keyOf(one), one]));
}

function steps(operations: readonly Operation[]): string[] {
  return operations.map(({ type, entity: { name } }) => `${type} ${name}`);
}

function sequence(name: string, ...components: string[]): Entity {
  return entity('actions', name, {
    'exec.kind': '"sequence"',
    'exec.components': JSON.stringify(components.map((one) => `/_/${one}`)),
  });
}

test('everything comes after what it refers to, and sequences after those in them', () => {
  const ordered = orderEntities([
    entity('rules', 'r'),
    sequence('outer', 'inner', 'a'),
    sequence('inner', 'a'),
    entity('triggers', 't'),
    entity('packages', 'b', { binding: '{}' }),
    entity('actions', 'a'),
    entity('packages', 'p'),
  ]);
  expect(ordered.map(({ name }) => name)).toEqual(['p', 'b', 'a', 'inner', 'outer', 't', 'r']);
});

test('whether a parameter is for the start of the code counts, and so does what a package gives', () => {
  const now = entity('actions', 'p/a', { 'parameters.A': '1', 'init.A': 'true' });
  const plain = entity('actions', 'p/a', { 'parameters.A': '1' });
  expect(compareEntities(now, plain)).toEqual([{ field: 'init.A', before: 'true', after: undefined }]);
  expect(compareEntities(plain, now)).toEqual([{ field: 'init.A', before: undefined, after: 'true' }]);
  const inherited = { ...now, inherited: new Map([['A', '1']]) };
  expect(compareEntities(inherited, entity('actions', 'p/a'))).toEqual([]);
});

test('sequences in a circle are left to the platform to refuse', () => {
  expect(orderEntities([sequence('x', 'y'), sequence('y', 'x')])).toHaveLength(2);
});

test.each([
  ['the order of members', { 'parameters.a': '{"x":1,"y":2}' }, { 'parameters.a': '{ "y": 2, "x": 1 }' }],
  ['the way to write a number', { 'parameters.a': '1.0' }, { 'parameters.a': '1' }],
  ['the version behind a default', { 'exec.kind': '"nodejs:20"' }, { 'exec.kind': '"nodejs:default"' }],
  ['limits of which the manifest says nothing', { 'limits.memory': '256' }, {}],
  [
    'annotations of the platform',
    { 'annotations.exec': '"nodejs:20"', 'annotations.provide-api-key': 'false' },
    {},
  ],
  [
    'the digest of a project',
    { 'annotations.whisk-managed': '{"__OW_PROJECT_NAME":"p","__OW_PROJECT_HASH":"1"}' },
    { 'annotations.whisk-managed': '{"__OW_PROJECT_NAME":"p","__OW_PROJECT_HASH":"2"}' },
  ],
] as [string, Record<string, string>, Record<string, string>][])(
  '%s makes no difference',
  (_, before, after) => {
    expect(compareEntities(entity('actions', 'a', before), entity('actions', 'a', after))).toEqual([]);
  },
);

test('numbers that differ beyond what JavaScript can count are different', () => {
  const [before, after] = ['12345678901234567890', '12345678901234567891'];
  expect(
    compareEntities(
      entity('actions', 'a', { 'parameters.n': before }),
      entity('actions', 'a', { 'parameters.n': after }),
    ),
  ).toEqual([{ field: 'parameters.n', before, after }]);
});

test('parameters that an action has from its package are not taken for its own', () => {
  const before = {
    ...entity('actions', 'p/a', { 'parameters.x': '1', 'parameters.y': '2' }),
    inherited: new Map([['x', '1']]),
  };
  expect(compareEntities(before, entity('actions', 'p/a')).map(({ field }) => field)).toEqual([
    'parameters.y',
  ]);
});

const mark = '{"__OW_PROJECT_NAME":"shop"}';
const own = { 'annotations.whisk-managed': mark };

test('sync deletes what is the project’s and no longer wanted, and nothing else', () => {
  const wanted = markEntities([entity('packages', 'p'), entity('actions', 'p/a')], mark);
  const there = deployed(
    entity('packages', 'p', own),
    entity('packages', 'old', own),
    entity('actions', 'old/x', own),
    entity('actions', 'free'),
    entity('packages', 'shared', own),
    entity('actions', 'shared/foreign'),
    entity('rules', 'r', own),
    entity('triggers', 't', { 'annotations.whisk-managed': '{"__OW_PROJECT_NAME":"other"}' }),
    entity('triggers', 'odd', { 'annotations.whisk-managed': '"shop"' }),
  );
  expect(steps(planDeployment(wanted, there, 'shop'))).toEqual([
    'unchanged p',
    'create p/a',
    'delete r',
    'delete old/x',
    'keep shared',
    'delete old',
  ]);
  expect(steps(planDeployment(wanted, there, undefined))).toEqual(['unchanged p', 'create p/a']);
});

test('a deployment without a name takes no entity away from its project', () => {
  expect(
    steps(planDeployment([entity('packages', 'p')], deployed(entity('packages', 'p', own)), undefined)),
  ).toEqual(['unchanged p']);
});

test('undeploying leaves out what is not there, and goes from the end', () => {
  const wanted = [
    entity('packages', 'p'),
    entity('actions', 'p/a'),
    entity('triggers', 't'),
    entity('rules', 'r'),
  ];
  expect(steps(planUndeployment(wanted, deployed(...wanted.slice(0, 3))))).toEqual([
    'delete t',
    'delete p/a',
    'delete p',
  ]);
});

test.each([
  ['password', '"x"', '"***"'],
  ['dbPassword', '"x"', '"***"'],
  ['config', '{"apiKey":"k","host":"h"}', '{"apiKey":"***","host":"h"}'],
  ['list', '[{"token":1}]', '[{"token":"***"}]'],
  ['url', '"http://me:swordfish@h"', '"***"'],
  ['require-whisk-auth', 'true', 'true'],
  ['place', '"Rome"', '"Rome"'],
])('in a preview %s with %s is shown as %s', (name, json, shown) => {
  expect(maskJson(name, json, new Set(['swordfish']))).toBe(shown);
});
