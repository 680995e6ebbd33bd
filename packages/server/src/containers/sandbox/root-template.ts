/**
 * The read-only root of every sandbox: a host directory with the mount points, a minimal `/etc`, and a copy of the
 * runtimes. A directory bound as a whole costs one mount instead of twenty, and a copy is readable for the sandbox's
 * user wherever the platform was installed (`/root`, a umask of 077).
 */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { slirpResolver } from './network-rules.ts';
import { type RuntimeBind, type RuntimeCommand, runtimeDirectory } from './runtime-command.ts';

const systemDirectories = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

const etcFiles: { readonly [name: string]: string } = {
  passwd: 'root:x:0:0:root:/tmp:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n',
  group: 'root:x:0:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost action\n::1 localhost ip6-localhost\n',
  hostname: 'action\n',
  // Without a network nothing answers there, and a look-up fails at once.
  'resolv.conf': `nameserver ${slirpResolver}\noptions timeout:2 attempts:2\n`,
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
};

/** Files below `/etc` that are copied as the host has them. */
export const copiedFiles: readonly string[] = [
  'localtime',
  'ld.so.cache',
  'services',
  'protocols',
  'mime.types',
  'ssl/openssl.cnf',
];

function directory(path: string): void {
  mkdirSync(path, { recursive: true });
  // Whatever the umask says: the sandbox's user must see it.
  chmodSync(path, 0o755);
}

function file(path: string, content: string): void {
  writeFileSync(path, content);
  chmodSync(path, 0o644);
}

function copyIfPresent(from: string, to: string): void {
  if (!existsSync(from)) return;
  copyFileSync(realpathSync(from), to);
  chmodSync(to, 0o644);
}

/** Programs, not their tests. */
export function isOfRuntime(entry: string): boolean {
  return entry !== 'test' && entry !== 'node_modules' && !entry.startsWith('.') && !entry.endsWith('.ts');
}

function copyTree(from: string, to: string): void {
  directory(to);
  for (const entry of readdirSync(from)) {
    const source = join(from, entry);
    if (!isOfRuntime(entry)) continue;
    const found = statSync(source, { throwIfNoEntry: false });
    if (found?.isDirectory()) copyTree(source, join(to, entry));
    else if (found?.isFile()) {
      copyFileSync(source, join(to, entry));
      chmodSync(join(to, entry), 0o644 | (found.mode & 0o111 ? 0o111 : 0));
    }
  }
}

function fillEtc(root: string): RuntimeBind[] {
  const etc = join(root, 'etc');
  directory(etc);
  for (const [name, content] of Object.entries(etcFiles)) file(join(etc, name), content);
  const binds: RuntimeBind[] = [];
  // Public certificates, and the links that /usr/bin's alternatives go through.
  for (const name of ['ssl/certs', 'alternatives', 'pki/tls/certs'])
    if (existsSync(join('/etc', name))) {
      directory(dirname(join(etc, name)));
      directory(join(etc, name));
      binds.push({ host: join('/etc', name), inside: join('/etc', name) });
    }
  for (const name of copiedFiles) copyIfPresent(join('/etc', name), join(etc, name));
  return binds;
}

/** `/bin` → `usr/bin` and the like, as the host has them. */
function linkSystemDirectories(root: string): RuntimeBind[] {
  const binds: RuntimeBind[] = [];
  for (const name of systemDirectories) {
    const host = join('/', name);
    const found = lstatSync(host, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) symlinkSync(readlinkSync(host).replace(/^\//, ''), join(root, name));
    else if (found?.isDirectory()) {
      directory(join(root, name));
      binds.push({ host, inside: host });
    }
  }
  return binds;
}

/** May any user walk to this path and read it? */
export function readableByAll(path: string): boolean {
  for (let at = path; at !== '/'; at = dirname(at)) {
    const { mode } = statSync(at);
    const needed = at === path ? 0o004 : 0o001;
    if ((mode & needed) !== needed) return false;
  }
  return true;
}

/** Shows a host file at its inside path: by a bind mount where its user may read it, else by a link or a copy. */
function place(root: string, bind: RuntimeBind, ownUsers: boolean): RuntimeBind | undefined {
  const target = join(root, bind.inside);
  directory(dirname(target));
  if (!ownUsers || readableByAll(bind.host)) {
    writeFileSync(target, '');
    return bind;
  }
  try {
    accessSync(bind.host, constants.R_OK);
    if ((statSync(bind.host).mode & 0o005) === 0o005) linkSync(bind.host, target);
    else copyWithMode(bind.host, target);
  } catch {
    copyWithMode(bind.host, target);
  }
  return undefined;
}

function copyWithMode(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, 0o755);
}

export interface RootTemplate {
  readonly path: string;
  /** Binds for every sandbox. */
  readonly binds: readonly RuntimeBind[];
  /** Binds that remain to be made for one kind. */
  bindsOf(kind: string): readonly RuntimeBind[];
  /** Where a process without a sandbox finds it: in this directory if its user can't reach the original. */
  hostPathOf(bind: RuntimeBind): string;
}

/**
 * Makes the directory anew.
 * @param ownUsers sandboxes run as users of their own (the platform is root)
 */
export function makeRootTemplate(options: {
  readonly root: string;
  readonly runtimeDir: string;
  readonly commands: Iterable<RuntimeCommand>;
  readonly ownUsers: boolean;
}): RootTemplate {
  const { root, runtimeDir, ownUsers } = options;
  directory(root);
  // Its content, not the directory: by its inode the processes of an earlier life are found.
  for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true, force: true });
  for (const name of ['usr', 'proc', 'dev', 'tmp', 'action', 'run', 'var', 'opt'])
    directory(join(root, name));
  symlinkSync('../tmp', join(root, 'var/tmp'));
  writeFileSync(join(root, 'run/api.sock'), '');
  const binds = [...linkSystemDirectories(root), ...fillEtc(root)];
  copyTree(runtimeDir, join(root, runtimeDirectory));
  const byKind = new Map<string, RuntimeBind[]>();
  const placed = new Map<string, RuntimeBind | undefined>();
  for (const command of options.commands) {
    const remaining: RuntimeBind[] = [];
    for (const bind of command.binds) {
      if (!placed.has(bind.inside)) placed.set(bind.inside, place(root, bind, ownUsers));
      const bound = placed.get(bind.inside);
      if (bound !== undefined) remaining.push(bound);
    }
    byKind.set(command.kind, remaining);
  }
  return {
    path: root,
    binds,
    bindsOf: (kind) => byKind.get(kind) ?? [],
    hostPathOf: (bind) => placed.get(bind.inside)?.host ?? join(root, bind.inside),
  };
}
