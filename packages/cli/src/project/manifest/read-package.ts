import type { Parameter } from '../../values/parameters.ts';
import { keyOf, type Entity } from '../entity.ts';
import { parameterFields } from '../parameter-fields.ts';
import type { Fields } from '../source/fields.ts';
import type { Position } from '../source/problems.ts';
import { fullName, checkName, inPackage } from './names.ts';
import { prefixed, readAction, type ReadingDeps } from './read-action.ts';
import { readActionAnnotations, readAnnotations, webKeys } from './read-annotations.ts';
import { readApis } from './read-apis.ts';
import { readRule, readTrigger } from './read-events.ts';
import { readInputs } from './read-inputs.ts';

const packageKeys = `actions sequences triggers rules apis dependencies feeds inputs annotations public
 version license namespace credential apiHost apihost repositories description name`.split(/\s+/);

/** An entity and where the manifest names it. */
export interface Found {
  readonly entity: Entity;
  readonly at: Position;
}

interface PackageReading extends ReadingDeps {
  readonly name: string;
  /** Parameters of the project, which every package has. */
  readonly shared: ReadonlyMap<string, Parameter>;
}

function readSequence(sequence: Fields, packageName: string): Map<string, string> {
  sequence.check(['actions', ...webKeys]);
  const written = sequence.words('actions');
  if (written === undefined) sequence.problem("a sequence needs 'actions', a list of names");
  const components = (written ?? []).map((name) => {
    const full = fullName(name, packageName);
    if (full === undefined)
      sequence.problem(`'${name}' is no name of an action`, sequence.get('actions')?.at);
    return full ?? name;
  });
  return new Map([
    ['exec.kind', '"sequence"'],
    ['exec.components', JSON.stringify(components)],
    ...prefixed('annotations', readActionAnnotations(sequence)),
  ]);
}

function readBinding(dependency: Fields, deps: ReadingDeps): Map<string, string> {
  dependency.check(['location', 'version', 'inputs', 'annotations', 'description']);
  const location = dependency.text('location');
  const at = dependency.get('location')?.at ?? dependency.at;
  const [, namespace = '', name = ''] = /^\/([^/]+)\/([^/]+)$/.exec(location ?? '') ?? [];
  if (location === undefined)
    dependency.problem("a dependency needs its 'location', as /whisk.system/utils", at);
  else if (/github\.com|^https?:|^git@/i.test(location)) {
    dependency.problem(
      `'${location}' is a repository, and only packages of a platform can be bound; fetch it and deploy its manifest, then name its package: location: /_/PACKAGE`,
      at,
    );
  } else if (name === '')
    dependency.problem(`'${location}' is no package; it looks like /whisk.system/utils`, at);
  return new Map([
    ['binding', JSON.stringify({ namespace, name })],
    ...parameterFields(readInputs(dependency, deps.parameters)),
    ...prefixed('annotations', readAnnotations(dependency)),
  ]);
}

function* readActions(fields: Fields, reading: PackageReading): Generator<Found> {
  const found = (name: string, at: Position, values: Map<string, string>): Found => {
    checkName(fields, name, at);
    return { at, entity: { collection: 'actions', name: inPackage(reading.name, name), fields: values } };
  };
  for (const action of fields.children('actions', 'action')) {
    yield found(action.name, action.at, readAction(action.fields, reading));
  }
  for (const sequence of fields.children('sequences', 'sequence')) {
    yield found(sequence.name, sequence.at, readSequence(sequence.fields, reading.name));
  }
}

function readPackageEntity(fields: Fields, { name, shared, parameters }: PackageReading): Entity {
  const inputs = new Map([...shared, ...readInputs(fields, parameters)]);
  return {
    collection: 'packages',
    name,
    fields: new Map([
      ['publish', String(fields.flag('public') ?? false)],
      ...parameterFields(inputs),
      ...prefixed('annotations', readAnnotations(fields)),
    ]),
  };
}

/** The entities of one package. */
export function* readPackage(fields: Fields, at: Position, reading: PackageReading): Generator<Found> {
  fields.check(packageKeys);
  const { name } = reading;
  if (name !== 'default' && checkName(fields, name, at))
    yield { at, entity: readPackageEntity(fields, reading) };
  if (name === 'default')
    for (const key of ['inputs', 'public']) {
      if (fields.get(key))
        fields.warn(
          `the package 'default' has no '${key}': its actions stand in no package`,
          fields.keyAt(key),
        );
    }
  if (fields.get('feeds'))
    fields.problem(
      'a feed stands at its trigger: triggers: NAME: {feed: /NAMESPACE/PACKAGE/FEED, inputs: …}',
      fields.keyAt('feeds'),
    );
  for (const dependency of fields.children('dependencies', 'dependency')) {
    checkName(fields, dependency.name, dependency.at);
    const values = readBinding(dependency.fields, reading);
    yield { at: dependency.at, entity: { collection: 'packages', name: dependency.name, fields: values } };
  }
  yield* readActions(fields, reading);
  for (const trigger of fields.children('triggers', 'trigger')) {
    checkName(fields, trigger.name, trigger.at);
    const given = { packageName: name, parameters: reading.parameters };
    yield { at: trigger.at, entity: readTrigger(trigger.fields, trigger.name, given) };
  }
  for (const rule of fields.children('rules', 'rule')) {
    checkName(fields, rule.name, rule.at);
    yield { at: rule.at, entity: readRule(rule.fields, rule.name, name) };
  }
  for (const entity of readApis(fields, name)) yield { at: fields.keyAt('apis'), entity };
}

/** Reports names that stand twice, as a trigger in two packages: they would overwrite each other. */
export function uniqueEntities(found: readonly Found[], owner: Fields): Entity[] {
  const entities = new Map<string, Found>();
  for (const one of found) {
    const before = entities.get(keyOf(one.entity));
    if (before === undefined) entities.set(keyOf(one.entity), one);
    else
      owner.problem(
        `'${one.entity.name}' is there already, at line ${before.at.line}; one of them needs another name`,
        one.at,
      );
  }
  return [...entities.values()].map(({ entity }) => entity);
}
