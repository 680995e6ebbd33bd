import { group, keyOf, type Entity } from '../entity.ts';
import { Fields } from '../source/fields.ts';
import { interpolate, interpolateNames, type Lookup } from '../source/interpolate.ts';
import type { Located, LocatedMap } from '../source/located.ts';
import { parseYaml } from '../source/parse-yaml.ts';
import type { Position, Problems } from '../source/problems.ts';
import { overlayDeployment, projectOf } from './overlay.ts';
import type { ReadingDeps } from './read-action.ts';
import { readInputs } from './read-inputs.ts';
import { readPackage, uniqueEntities, type Found } from './read-package.ts';

/** A file of the project, as it was read. */
export interface ProjectFile {
  /** As the user knows it. */
  readonly file: string;
  readonly text: string;
}

interface ProjectInput {
  readonly manifest: ProjectFile;
  readonly deployment: ProjectFile | undefined;
  /** JSON texts of `--param`; they win over variables of the environment and over values in the files. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly environment: Lookup;
  readonly loadCode: ReadingDeps['loadCode'];
  readonly problems: Problems;
}

/** Where the files say that the project goes. */
export interface Target {
  readonly apiHost?: string;
  readonly credential?: string;
  readonly namespace?: string;
}

/** What a manifest and its deployment file mean. */
export interface Project {
  readonly name: string | undefined;
  readonly entities: readonly Entity[];
  readonly target: Target;
}

const projectKeys = [
  'name',
  'packages',
  'package',
  'inputs',
  'namespace',
  'credential',
  'apiHost',
  'apihost',
  'version',
  'description',
  'license',
  'config',
];

function rootMap({ file, text }: ProjectFile, { problems }: ProjectInput): LocatedMap {
  const root = parseYaml(text, file, problems);
  // What cannot be read as YAML would seem to lack everything.
  problems.throwIfAny();
  if (root.type === 'map') return root;
  const at: Position = { file, line: 1, column: 1 };
  if (root.type === 'list' || root.kind !== 'null')
    problems.add(root.at, "the file must be a map that begins with 'packages:' or 'project:'");
  else if (text.trim() === '') problems.add(at, "the file is empty; it must have 'packages:' or 'project:'");
  return { type: 'map', at, members: new Map() };
}

/** `--param` as plain text first, then the environment. */
function lookupOf({ parameters, environment }: ProjectInput, used: Set<string>): Lookup {
  return (name) => {
    const json = parameters.get(name);
    if (json === undefined) return environment(name);
    used.add(name);
    return json.startsWith('"') ? String(JSON.parse(json)) : json;
  };
}

function asMap(located: Located, otherwise: LocatedMap): LocatedMap {
  return located.type === 'map' ? located : otherwise;
}

/** The older form `package: {name: …}` means one package of this name. */
function packagesOf(project: Fields): LocatedMap | undefined {
  const packages = project.fields('packages', "'packages'");
  const single = project.fields('package', "'package'");
  if (single === undefined) return packages?.map;
  const name = single.text('name') ?? single.text('packageName');
  if (name === undefined) single.problem("'package' needs its 'name'; or write packages: NAME: …");
  return {
    type: 'map',
    at: single.at,
    members: new Map([
      ...(packages?.map.members ?? []),
      [name ?? '', { keyAt: single.at, value: single.map }],
    ]),
  };
}

function readTarget(levels: readonly Fields[]): Target {
  const first = (...names: string[]): string | undefined => {
    for (const level of levels) for (const name of names) if (level.get(name)) return level.text(name);
    return undefined;
  };
  const [apiHost, credential, namespace] = [
    first('apiHost', 'apihost'),
    first('credential'),
    first('namespace'),
  ];
  return {
    ...(apiHost !== undefined && { apiHost }),
    ...(credential !== undefined && { credential }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** An API needs a web action: an action of this project becomes one. */
function exposeActions(entities: readonly Entity[]): Entity[] {
  const behindApis = new Set(
    entities
      .filter(({ collection }) => collection === 'apis')
      .map(({ fields }) => (JSON.parse(fields.get('action') ?? '""') as string).replace(/^\/_\//, '')),
  );
  return entities.map((entity) => {
    if (entity.collection !== 'actions' || !behindApis.has(entity.name)) return entity;
    if (entity.fields.has('annotations.web-export')) return entity;
    const web = [
      ['web-export', 'true'],
      ['raw-http', 'false'],
      ['final', 'true'],
    ] as const;
    return {
      ...entity,
      fields: new Map([
        ...entity.fields,
        ...web.map(([name, value]) => [`annotations.${name}`, value] as const),
      ]),
    };
  });
}

function checkApiActions(entities: readonly Entity[], project: Fields): void {
  const actions = new Map(entities.map((entity) => [keyOf(entity), entity]));
  for (const api of entities.filter(({ collection }) => collection === 'apis')) {
    const name = (JSON.parse(api.fields.get('action') ?? '""') as string).replace(/^\/_\//, '');
    const action = actions.get(`actions ${name}`);
    if (action && group(action, 'annotations').get('web-export') === 'false') {
      project.problem(
        `the API ${api.name} needs a web action, and '${name}' says that it is none; leave out its 'web'`,
      );
    }
  }
}

function readPackages(project: Fields, deps: ReadingDeps, input: ProjectInput): Found[] {
  const shared = readInputs(project, deps.parameters);
  const packages = packagesOf(project);
  if (packages === undefined || packages.members.size === 0) {
    project.problem(
      "there are no packages; write 'packages:' with a name below it, or 'default' for actions in no package",
    );
    return [];
  }
  const fields = new Fields(packages, "'packages'", input.problems);
  return [...fields.each('package')].flatMap((one) => [
    ...readPackage(one.fields, one.at, { ...deps, name: one.name, shared }),
  ]);
}

/** Names of packages may be variables, in both files. */
function withPackageNames(project: LocatedMap, given: { lookup: Lookup; problems: Problems }): LocatedMap {
  const packages = project.members.get('packages');
  if (packages?.value.type !== 'map') return project;
  const value = interpolateNames(packages.value, given);
  return { ...project, members: new Map(project.members).set('packages', { keyAt: packages.keyAt, value }) };
}

/**
 * Reads a project. What is wrong goes to the problems; the project is then what could be understood. Throws only
 * where a file is no YAML.
 */
export function readProject(input: ProjectInput): Project {
  const { problems, parameters } = input;
  const used = new Set<string>();
  const given = { lookup: lookupOf(input, used), problems };
  const read = (file: ProjectFile): LocatedMap => {
    const root = rootMap(file, input);
    const whole = asMap(interpolate(root, given), root);
    const inner = projectOf(whole);
    if (inner !== whole) new Fields(whole, 'the file', problems).check(['project', 'application']);
    return withPackageNames(inner, given);
  };
  const deployment = input.deployment === undefined ? undefined : read(input.deployment);
  const manifest = read(input.manifest);
  const map = deployment === undefined ? manifest : overlayDeployment(manifest, deployment, problems);
  const project = new Fields(map, 'the project', problems).check(projectKeys);
  const take = (name: string): string | undefined => {
    if (parameters.has(name)) used.add(name);
    return parameters.get(name);
  };
  const found = readPackages(project, { parameters: { take }, loadCode: input.loadCode }, input);
  const entities = uniqueEntities(found, project);
  checkApiActions(entities, project);
  for (const name of parameters.keys()) {
    if (!used.has(name))
      project.warn(`--param ${name} is used nowhere: no input and no variable has this name`);
  }
  const levels = [
    ...(deployment ? [new Fields(deployment, 'the project', problems)] : []),
    new Fields(manifest, 'the project', problems),
  ];
  return { name: project.text('name'), entities: exposeActions(entities), target: readTarget(levels) };
}
