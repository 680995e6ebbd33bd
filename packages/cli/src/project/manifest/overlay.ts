import { didYouMean } from '../../command/suggest.ts';
import type { Located, LocatedMap, Member } from '../source/located.ts';
import type { Problems } from '../source/problems.ts';

const wrappers = ['project', 'application'];
const sections = ['actions', 'triggers', 'sequences', 'dependencies'];
const valued = ['inputs', 'annotations'];

function child(map: LocatedMap | undefined, name: string): LocatedMap | undefined {
  const value = map?.members.get(name)?.value;
  return value?.type === 'map' ? value : undefined;
}

function withMember(map: LocatedMap, name: string, member: Member): LocatedMap {
  return { ...map, members: new Map(map.members).set(name, member) };
}

function emptyMap(member: Member): LocatedMap {
  return { type: 'map', at: member.keyAt, members: new Map() };
}

/** The value goes into a described parameter, so that its type stays, and replaces any other. */
function overlayValue(before: Located | undefined, member: Member): Located {
  if (before?.type === 'map' && (before.members.has('type') || before.members.has('value'))) {
    return member.value.type === 'map' ? member.value : withMember(before, 'value', member);
  }
  return member.value;
}

function overlayValues(entity: LocatedMap, over: LocatedMap): LocatedMap {
  let result = entity;
  for (const section of valued) {
    const given = child(over, section);
    const member = over.members.get(section);
    if (given === undefined || member === undefined) continue;
    let values = child(result, section) ?? emptyMap(member);
    for (const [name, one] of given.members) {
      const value = overlayValue(values.members.get(name)?.value, one);
      values = withMember(values, name, { keyAt: one.keyAt, value });
    }
    result = withMember(result, section, { keyAt: member.keyAt, value: values });
  }
  return result;
}

interface Level {
  readonly known: readonly string[];
  readonly noun: string;
}

function checkKeys(map: LocatedMap, { known, noun }: Level, problems: Problems): void {
  for (const [name, { keyAt }] of map.members) {
    if (known.includes(name)) continue;
    const [meant = `It may have: ${known.join(', ')}`] = didYouMean(name, known);
    problems.add(keyAt, `${noun} of a deployment file has no '${name}'. ${meant}`);
  }
}

/** Overlays the children of one section, `actions` for instance; each must be in the manifest. */
function overlayChildren(
  manifest: LocatedMap,
  over: LocatedMap,
  given: {
    readonly problems: Problems;
    readonly noun: string;
    readonly each: (one: LocatedMap, over: LocatedMap) => LocatedMap;
  },
): LocatedMap {
  let result = manifest;
  for (const [name, member] of over.members) {
    const target = manifest.members.get(name);
    if (target === undefined) {
      const [meant = 'The manifest must have it.'] = didYouMean(name, [...manifest.members.keys()]);
      given.problems.add(member.keyAt, `the manifest has no ${given.noun} '${name}'. ${meant}`);
    } else if (member.value.type === 'map') {
      const before = target.value.type === 'map' ? target.value : emptyMap(target);
      result = withMember(result, name, { keyAt: target.keyAt, value: given.each(before, member.value) });
    }
  }
  return result;
}

function overlayPackage(pkg: LocatedMap, over: LocatedMap, problems: Problems): LocatedMap {
  checkKeys(
    over,
    {
      known: [...sections, ...valued, 'namespace', 'credential', 'apiHost', 'apihost', 'name'],
      noun: 'a package',
    },
    problems,
  );
  let result = overlayValues(pkg, over);
  for (const section of sections) {
    const given = child(over, section);
    const member = over.members.get(section);
    if (given === undefined || member === undefined) continue;
    const known = [...valued, 'namespace', 'credential'];
    const value = overlayChildren(child(result, section) ?? emptyMap(member), given, {
      problems,
      noun: section.slice(0, -1),
      each: (one, extra) => {
        checkKeys(extra, { known, noun: section.slice(0, -1) }, problems);
        return overlayValues(one, extra);
      },
    });
    result = withMember(result, section, {
      keyAt: result.members.get(section)?.keyAt ?? member.keyAt,
      value,
    });
  }
  return result;
}

/** The map that holds `packages`: `project`, `application`, or the file itself. */
export function projectOf(root: LocatedMap): LocatedMap {
  for (const wrapper of wrappers) {
    const inner = child(root, wrapper);
    if (inner !== undefined) return inner;
  }
  return root;
}

/** The manifest's project with the values of a deployment file, which win. */
export function overlayDeployment(
  project: LocatedMap,
  deployment: LocatedMap,
  problems: Problems,
): LocatedMap {
  const over = projectOf(deployment);
  checkKeys(
    over,
    {
      known: ['packages', ...valued, 'name', 'version', 'namespace', 'credential', 'apiHost', 'apihost'],
      noun: 'the project',
    },
    problems,
  );
  const result = overlayValues(project, over);
  const packages = child(over, 'packages');
  const member = over.members.get('packages');
  if (packages === undefined || member === undefined) return result;
  const value = overlayChildren(child(result, 'packages') ?? emptyMap(member), packages, {
    problems,
    noun: 'package',
    each: (one, extra) => overlayPackage(one, extra, problems),
  });
  return withMember(result, 'packages', {
    keyAt: result.members.get('packages')?.keyAt ?? member.keyAt,
    value,
  });
}
