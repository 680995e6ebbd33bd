/** The files that an agent needs: the launcher, compiled, with what it imports; the runtimes; a digest of them. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOfRuntime } from '../root-template.ts';

export interface AgentFile {
  /** With slashes, in the order of their bytes. */
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

/** Where all but `launch.mjs` are: beside it Mesos puts the task's `stdout` and `stderr`. */
const DIRECTORY = 'agent';
const RUNTIMES = new URL('../../../../../../runtimes', import.meta.url);
const IMPORT =
  /^(?:import|export|\}).*?\bfrom ['"]([^'"]+)['"];$|^import ['"]([^'"]+)['"];$|\bimport\(['"]([^'"]+)['"]\)/gm;

/** The compiled launcher, also where this module runs from its source. */
function launcherProgram(): string {
  const here = fileURLToPath(new URL('./launch.js', import.meta.url));
  return existsSync(here) ? here : here.replace('/src/containers/', '/dist/containers/');
}

/** The program and all that it imports, by their paths. */
function withImports(program: string, found = new Map<string, Buffer>()): Map<string, Buffer> {
  if (found.has(program)) return found;
  const content = readFileSync(program);
  found.set(program, content);
  for (const [, from, bare, dynamic] of content.toString().matchAll(IMPORT)) {
    const specifier = from ?? bare ?? dynamic ?? '';
    if (specifier.startsWith('.')) withImports(join(dirname(program), specifier), found);
    else if (!specifier.startsWith('node:'))
      throw new Error(`${program} imports ${specifier}, which agents lack`);
  }
  return found;
}

function launcherFiles(): AgentFile[] {
  const program = launcherProgram();
  const base = join(dirname(program), '../../..');
  const modules = [...withImports(program)].map(([file, content]) => ({
    path: `${DIRECTORY}/${relative(base, file)}`,
    content,
    executable: false,
  }));
  const start = `import './${DIRECTORY}/${relative(base, program)}';\n`;
  return [
    ...modules,
    { path: 'launch.mjs', content: Buffer.from(start), executable: false },
    { path: `${DIRECTORY}/package.json`, content: Buffer.from('{ "type": "module" }\n'), executable: false },
  ];
}

/** Without what Python compiled for this machine. */
function runtimeFiles(directory: string, path: string): AgentFile[] {
  return readdirSync(directory).flatMap((entry): AgentFile[] => {
    if (!isOfRuntime(entry) || entry === '__pycache__' || entry.endsWith('.md')) return [];
    const file = join(directory, entry);
    const found = statSync(file);
    if (found.isDirectory()) return runtimeFiles(file, `${path}/${entry}`);
    return [
      { path: `${path}/${entry}`, content: readFileSync(file), executable: (found.mode & 0o100) !== 0 },
    ];
  });
}

const byPath = (a: AgentFile, b: AgentFile) => (a.path < b.path ? -1 : 1);

export function collectAgentFiles(runtimeDir: string = fileURLToPath(RUNTIMES)): {
  /** Of paths, modes and contents. */
  readonly digest: string;
  readonly files: readonly AgentFile[];
} {
  const files = [...launcherFiles(), ...runtimeFiles(runtimeDir, `${DIRECTORY}/runtimes`)].sort(byPath);
  const hash = createHash('sha256');
  for (const { path, content, executable } of files)
    hash.update(`${path}\0${executable ? 'x' : '-'}\0${content.length}\0`).update(content);
  const digest = hash.digest('hex').slice(0, 32);
  const own = { path: `${DIRECTORY}/digest`, content: Buffer.from(`${digest}\n`), executable: false };
  return { digest, files: [...files, own].sort(byPath) };
}
