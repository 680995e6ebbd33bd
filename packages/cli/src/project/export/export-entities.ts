import { group, isSequence, type Entity } from '../entity.ts';
import { orderEntities } from '../plan/order.ts';
import { codeFile, type ExportedFile } from './code-file.ts';
import { escapeVariables, renderYaml, type YamlTree } from './yaml-tree.ts';

type Tree = Map<string, Tree | string>;

/** Annotations that a platform, or this tool, makes by itself. */
const derived = ['exec', 'binding', 'feed', 'feed-digest', 'whisk-managed'];
const limitNames = {
  timeout: 'timeout',
  memory: 'memorySize',
  logs: 'logSize',
  concurrency: 'concurrency',
  instances: 'instances',
} as const;

interface Exported {
  readonly files: readonly ExportedFile[];
  /** What a manifest cannot tell, as sentences. */
  readonly notes: readonly string[];
}

interface Export {
  readonly packages: Tree;
  readonly files: ExportedFile[];
  readonly notes: string[];
}

function at(tree: Tree, ...path: string[]): Tree {
  let here = tree;
  for (const name of path) {
    const next = here.get(name);
    const child: Tree = next instanceof Map ? next : new Map();
    here.set(name, child);
    here = child;
  }
  return here;
}

function annotationsTree(entity: Entity): Tree {
  const kept = [...group(entity, 'annotations')].filter(
    ([name, value]) => !derived.includes(name) && !(name === 'provide-api-key' && value === 'false'),
  );
  return new Map(kept.map(([name, value]) => [name, escapeVariables(value)]));
}

/** Always with `value`, so that neither a type's name nor a map is taken for a description. */
function inputsTree(entity: Entity): Tree {
  const own = [...group(entity, 'parameters')].filter(
    ([name, value]) => entity.inherited?.get(name) !== value,
  );
  // Triggers start no code, and nothing of theirs is locked.
  const members = entity.collection === 'triggers' ? [] : ['init', 'encryption'];
  const described = ([name, value]: readonly [string, string]): Map<string, string> =>
    new Map([
      ['value', escapeVariables(value)],
      ...members.flatMap((member) => {
        const json = entity.fields.get(`${member}.${name}`);
        return json === undefined ? [] : [[member, escapeVariables(json)] as const];
      }),
    ]);
  return new Map(own.map((input) => [input[0], described(input)]));
}

function put(tree: Tree, name: string, value: Tree | string | undefined): void {
  if (value !== undefined && (typeof value === 'string' || value.size > 0)) tree.set(name, value);
}

/** The package of an action, and its name there. */
function placeOf(name: string): [string, string] {
  const slash = name.lastIndexOf('/');
  return slash === -1 ? ['default', name] : [name.slice(0, slash), name.slice(slash + 1)];
}

function exportCode(action: Entity, into: Tree, files: ExportedFile[]): void {
  const json = action.fields.get('exec.code');
  if (json === undefined) return;
  const code = String(JSON.parse(json));
  const file = codeFile(action, code);
  if (file === undefined) into.set('code', json);
  else {
    files.push(file);
    into.set('function', escapeVariables(JSON.stringify(file.path)));
  }
}

function exportAction(action: Entity, { packages, files }: Export): void {
  const [packageName, name] = placeOf(action.name);
  const into = at(packages, packageName, isSequence(action) ? 'sequences' : 'actions', name);
  if (isSequence(action)) into.set('actions', action.fields.get('exec.components') ?? '[]');
  else {
    exportCode(action, into, files);
    const image = action.fields.get('exec.image');
    if (action.fields.get('exec.kind') === '"blackbox"') put(into, 'docker', image);
    else put(into, 'runtime', action.fields.get('exec.kind'));
    put(into, 'main', action.fields.get('exec.main'));
    const limits = group(action, 'limits');
    put(
      into,
      'limits',
      new Map(
        Object.entries(limitNames).flatMap(([field, limit]) =>
          limits.has(field) ? [[limit, limits.get(field) ?? '']] : [],
        ),
      ),
    );
    put(into, 'inputs', inputsTree(action));
  }
  put(into, 'annotations', annotationsTree(action));
}

function exportPackage(entity: Entity, { packages }: Export): void {
  const binding = entity.fields.get('binding');
  const into =
    binding === undefined ? at(packages, entity.name) : at(packages, 'default', 'dependencies', entity.name);
  if (binding !== undefined) {
    const { namespace, name } = JSON.parse(binding) as { namespace: string; name: string };
    into.set('location', JSON.stringify(`/${namespace}/${name}`));
  } else if (entity.fields.get('publish') === 'true') into.set('public', 'true');
  put(into, 'inputs', inputsTree(entity));
  put(into, 'annotations', annotationsTree(entity));
}

function exportTrigger(trigger: Entity, { packages, notes }: Export): void {
  const into = at(packages, 'default', 'triggers', trigger.name);
  const feed = trigger.fields.get('annotations.feed');
  if (feed !== undefined) {
    into.set('feed', feed);
    notes.push(
      `what the feed of the trigger ${trigger.name} was told is not known to the platform; add its 'inputs' to deploy it elsewhere`,
    );
  } else put(into, 'inputs', inputsTree(trigger));
  put(into, 'annotations', annotationsTree(trigger));
}

function exportRule(rule: Entity, { packages }: Export): void {
  const into = at(packages, 'default', 'rules', rule.name);
  put(into, 'trigger', rule.fields.get('trigger'));
  put(into, 'action', rule.fields.get('action'));
  if (rule.fields.get('status') === '"inactive"') into.set('status', 'inactive');
  put(into, 'annotations', annotationsTree(rule));
}

/** A path has each action once under one API name: a second method of the same action goes under another one. */
function exportApi(api: Entity, { packages }: Export): void {
  const field = (name: string): string => String(JSON.parse(api.fields.get(name) ?? '""'));
  const apis = at(packages, 'default', 'apis');
  const apiName = field('api-name') || field('base-path');
  for (let count = 1; ; count++) {
    const endpoints = at(
      apis,
      count === 1 ? apiName : `${apiName} (${count})`,
      field('base-path'),
      field('path'),
    );
    if (endpoints.has(field('action'))) continue;
    endpoints.set(
      field('action'),
      new Map([
        ['method', field('method')],
        ['response', field('response')],
      ]),
    );
    return;
  }
}

function exportOne(entity: Entity, into: Export): void {
  switch (entity.collection) {
    case 'packages':
      return exportPackage(entity, into);
    case 'actions':
      return exportAction(entity, into);
    case 'triggers':
      return exportTrigger(entity, into);
    case 'rules':
      return exportRule(entity, into);
    case 'apis':
      return exportApi(entity, into);
  }
}

/** The manifest and the files that, deployed, give the same entities again. */
export function exportEntities(
  entities: readonly Entity[],
  { project, manifest }: { readonly project: string | undefined; readonly manifest: string },
): Exported {
  const into: Export = { packages: new Map(), files: [], notes: [] };
  for (const entity of orderEntities(entities)) exportOne(entity, into);
  const packages: YamlTree = into.packages;
  const root: YamlTree =
    project === undefined
      ? new Map([['packages', packages]])
      : new Map([
          [
            'project',
            new Map<string, YamlTree | string>([
              ['name', escapeVariables(JSON.stringify(project))],
              ['packages', packages],
            ]),
          ],
        ]);
  const bytes = Buffer.from(renderYaml(root), 'utf8');
  return { files: [{ path: manifest, bytes }, ...into.files], notes: into.notes };
}
