import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf, type Collection, type Entity } from '../entity.ts';
import { readProject } from '../manifest/read-project.ts';
import { compareEntities } from '../plan/compare.ts';
import { Problems } from '../source/problems.ts';
import { codeFile } from './code-file.ts';
import { exportEntities } from './export-entities.ts';

const name = fc.stringMatching(/^[A-Za-z_][\w@. -]{0,8}[\w@.-]$/);
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.constantFrom(
    '__proto__',
    'type',
    'value',
    'code',
    '<<',
    'null',
    'true',
    '$X',
    'a: b',
    '#',
    '\u0085\u2028',
  ),
);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"string"',
    '"$HOME and ${PATH} and $$"',
    '12345678901234567890',
    '-0.5',
    JSON.stringify('\u0000\u007f\ufeff'),
    'null',
    '{"type":"integer"}',
    '"yes"',
    '1e5',
  ),
);
const values = fc.uniqueArray(fc.tuple(key, json), { selector: ([one]) => one, maxLength: 4 });

function prefixed(prefix: string, entries: readonly (readonly [string, string])[]): [string, string][] {
  return entries.map(([one, value]) => [`${prefix}.${one}`, value]);
}

function entity(
  collection: Collection,
  called: string,
  fields: readonly (readonly [string, string])[],
): Entity {
  return { collection, name: called, fields: new Map(fields) };
}

const code = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'function main() { return `${1}` }\n',
    'PK',
    'UEsDBAAA',
    'UEsDBAoAAAAAAA==',
    '\u0000',
    '\ufeffx',
    '',
  ),
);
const action = fc
  .record({
    code,
    values,
    init: fc.boolean(),
    locked: fc.boolean(),
    annotations: values,
    kind: fc.constantFrom('nodejs:20', 'python:3.11', 'blackbox', 'java:8'),
    timeout: fc.integer({ min: 100, max: 300_000 }),
    instances: fc.nat(30),
  })
  .map((one): [string, string][] => [
    ['exec.kind', JSON.stringify(one.kind)],
    ...(one.kind === 'blackbox' ? [['exec.image', '"me/image"'] as [string, string]] : []),
    ...(one.kind === 'java:8' ? [['exec.main', '"Main"'] as [string, string]] : []),
    ['exec.code', JSON.stringify(one.code)],
    ['limits.timeout', String(one.timeout)],
    ['limits.instances', String(one.instances)],
    ...prefixed('parameters', one.values),
    ...(one.init ? one.values.slice(1).map(([key]): [string, string] => [`init.${key}`, 'true']) : []),
    ...(one.locked
      ? one.values.slice(0, 1).map(([key]): [string, string] => [`encryption.${key}`, '"aes-256"'])
      : []),
    ...prefixed(
      'annotations',
      one.annotations.filter(([annotation]) => annotation !== 'code'),
    ),
  ]);

const namespace = fc
  .record({
    packages: fc.uniqueArray(fc.tuple(name, values, fc.boolean()), {
      selector: ([one]) => one.toLowerCase(),
      maxLength: 3,
    }),
    actions: fc.uniqueArray(fc.tuple(name, action), { selector: ([one]) => one.toLowerCase(), maxLength: 4 }),
    triggers: fc.uniqueArray(fc.tuple(name, values), { selector: ([one]) => one, maxLength: 2 }),
    active: fc.boolean(),
  })
  .map(({ packages, actions, triggers, active }): Entity[] => {
    const owners = packages.map(([one]) => one).filter((one) => one !== 'default');
    const placed = actions.map(([one, fields], index) => {
      const owner = owners[index % (owners.length + 1)];
      return entity('actions', owner === undefined ? one : `${owner}/${one}`, fields);
    });
    const [first] = placed;
    const sequences =
      first === undefined
        ? []
        : [
            entity('actions', 'a sequence', [
              ['exec.kind', '"sequence"'],
              ['exec.components', JSON.stringify([`/_/${first.name}`])],
            ]),
          ];
    const rules = triggers.flatMap(([trigger]) =>
      first === undefined
        ? []
        : [
            entity('rules', `${trigger}r`, [
              ['trigger', JSON.stringify(`/_/${trigger}`)],
              ['action', JSON.stringify(`/_/${first.name}`)],
              ['status', active ? '"active"' : '"inactive"'],
            ]),
          ],
    );
    return [
      ...packages
        .filter(([one]) => one !== 'default')
        .map(([one, parameters, open]) =>
          entity('packages', one, [['publish', String(open)], ...prefixed('parameters', parameters)]),
        ),
      entity('packages', 'a binding', [['binding', '{"namespace":"whisk.system","name":"utils"}']]),
      ...placed.filter(({ name: called }) => called !== 'a sequence'),
      ...sequences,
      ...triggers.map(([one, parameters]) => entity('triggers', one, prefixed('parameters', parameters))),
      ...rules,
    ];
  });

/** What deploying the exported files would want, read from memory in the way of files. */
function readBack(entities: readonly Entity[]): Map<string, Entity> {
  const { files } = exportEntities(entities, { project: '$shop', manifest: 'manifest.yaml' });
  const found = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const problems = new Problems({ strict: true });
  const project = readProject({
    manifest: { file: 'manifest.yaml', text: found.get('manifest.yaml')?.toString() ?? '' },
    deployment: undefined,
    parameters: new Map(),
    environment: () => undefined,
    loadCode: ({ path }) => {
      const bytes = found.get(path) ?? Buffer.alloc(0);
      const extension = /\.\w+$/.exec(path)?.[0] ?? '';
      const isBinary = ['.zip', '.jar', '.bin'].includes(extension);
      return { outcome: 'loaded', code: bytes.toString(isBinary ? 'base64' : 'utf8'), extension };
    },
    problems,
  });
  problems.throwIfAny();
  expect(project.name).toBe('$shop');
  return new Map(project.entities.map((one) => [keyOf(one), one]));
}

test('what is exported and deployed again is the same, to the last character', () => {
  fc.assert(
    fc.property(namespace, (entities) => {
      const wanted = readBack(entities);
      expect([...wanted.keys()].sort()).toEqual(entities.map(keyOf).sort());
      for (const one of entities) {
        const again = wanted.get(keyOf(one));
        expect(again && compareEntities(one, again)).toEqual([]);
        const kept = [...one.fields].filter(([field, value]) => field !== 'status' || value === '"inactive"');
        for (const [field] of kept) expect([field, again?.fields.has(field)]).toEqual([field, true]);
      }
    }),
    { numRuns: 200 },
  );
});

test('a second method of the same action and path finds its place', () => {
  const api = (method: string): Entity =>
    entity('apis', `${method} /b/p`, [
      ['action', '"/_/a"'],
      ['base-path', '"/b"'],
      ['path', '"/p"'],
      ['method', `"${method}"`],
      ['response', '"json"'],
      ['api-name', '"books"'],
    ]);
  expect([...readBack([api('GET'), api('POST')]).keys()]).toEqual(['apis GET /b/p', 'apis POST /b/p']);
});

test('a name that leads out of the folder is refused', () => {
  expect(() =>
    codeFile(entity('actions', '../../etc/cron.d/x', [['exec.kind', '"nodejs:20"']]), 'code'),
  ).toThrow('no name of a file');
});

test('inputs of a feed are not known, and the export says so', () => {
  const { notes } = exportEntities(
    [entity('triggers', 't', [['annotations.feed', '"/whisk.system/alarms/alarm"']])],
    { project: undefined, manifest: 'm' },
  );
  expect(notes).toEqual([
    "what the feed of the trigger t was told is not known to the platform; add its 'inputs' to deploy it elsewhere",
  ]);
});
