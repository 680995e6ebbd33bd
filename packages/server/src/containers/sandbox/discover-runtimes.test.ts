import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discoverRuntimes } from './discover-runtimes.ts';
import { hostCommand } from './runtime-command.ts';

let directory: string;
let runtimeDir: string;

function write(path: string, content = ''): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vibrissa-discover-'));
  runtimeDir = join(directory, 'runtimes');
  for (const script of ['nodejs/runtime.js', 'python/runtime.py', 'actionloop/runtime.js'])
    write(join(runtimeDir, script));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const search = (path = '') => ({
  runtimeDir,
  execPath: process.execPath,
  path,
  home: join(directory, 'home'),
});

describe('the runtimes of this machine', () => {
  it("offer the platform's own Node as a default kind with warm containers", async () => {
    const { manifest, commands } = await discoverRuntimes(search());
    const major = process.version.slice(1).split('.')[0];
    const own = manifest.runtimes['nodejs']?.find(({ kind }) => kind === `nodejs:${major}`);
    expect(own?.image.name).toBe(`action-nodejs-v${major}`);
    const chosen = manifest.runtimes['nodejs']?.filter((runtime) => runtime.default);
    expect(chosen).toHaveLength(1);
    expect(chosen?.[0]?.stemCells?.[0]).toMatchObject({ memory: '256 MB' });
    expect(commands.get('blackbox')?.argv[1]).toBe('/runtime/actionloop/runtime.js');
    expect(manifest.blackboxes).toEqual([{ prefix: 'openwhisk', name: 'dockerskeleton' }]);
  });

  it('pass by shims: a script called node is no Node', async () => {
    const shim = write(join(directory, 'shims/node'), '#!/bin/sh\necho v99.0.0\n');
    chmodSync(shim, 0o755);
    const { commands } = await discoverRuntimes(search(dirname(shim)));
    expect([...commands.keys()]).not.toContain('nodejs:99');
  });

  it('show a Node outside /usr inside the sandbox, and nothing else of its directory', async () => {
    const link = join(directory, 'home/.nvm/versions/node/v20.0.0/bin/node');
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(process.execPath, link);
    const { commands } = await discoverRuntimes({ ...search(), execPath: link });
    for (const { argv, binds } of commands.values()) {
      const program = argv[0] ?? '';
      expect(program.startsWith('/usr/') || binds.some(({ inside }) => inside === program)).toBe(true);
    }
  });

  it('offer no kind whose runtime is missing', async () => {
    rmSync(join(runtimeDir, 'python'), { recursive: true });
    rmSync(join(runtimeDir, 'actionloop'), { recursive: true });
    const { manifest, commands } = await discoverRuntimes(search());
    expect(manifest.runtimes['python']).toBeUndefined();
    expect(manifest.blackboxes).toBeUndefined();
    expect(commands.has('blackbox')).toBe(false);
  });

  it('run by host paths where there is no sandbox', () => {
    const command = {
      kind: 'nodejs:24',
      argv: ['/opt/nodejs-24/node', '/runtime/nodejs/runtime.js'],
      binds: [{ host: '/home/me/node', inside: '/opt/nodejs-24/node' }],
    };
    expect(hostCommand(command, { path: '/srv', hostPathOf: ({ host }) => host })).toEqual([
      '/home/me/node',
      '/srv/runtime/nodejs/runtime.js',
    ]);
  });
});
