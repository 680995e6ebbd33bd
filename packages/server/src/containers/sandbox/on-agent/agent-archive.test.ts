import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { buildAgentArchive, writeAgentDirectory } from './agent-archive.ts';
import { writeTar } from './write-tar.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vibrissa-archive-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function unpack(bytes: Buffer, name: string): { readonly directory: string; readonly said: string } {
  const directory = mkdtempSync(join(scratch, 'unpacked-'));
  writeFileSync(join(directory, '..', name), bytes);
  const said = execFileSync('tar', ['-xzf', join(scratch, name), '-C', directory], { encoding: 'utf8' });
  return { directory, said };
}

/** Files below a directory with mode and content. */
function contentOf(directory: string): { [path: string]: string } {
  const found: { [path: string]: string } = {};
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const stats = statSync(join(directory, path));
    if (stats.isFile())
      found[path] = `${stats.mode & 0o777} ${readFileSync(join(directory, path), 'latin1')}`;
  }
  return found;
}

describe('the archive for agents', () => {
  it('is the same for the same files, and its digest is of them', () => {
    const first = buildAgentArchive();
    const second = buildAgentArchive();
    expect(second.bytes.equals(first.bytes)).toBe(true);
    expect(second.digest).toBe(first.digest);
    expect(first.digest).toMatch(/^[0-9a-f]{32}$/);
  });

  it('has another digest when a runtime is another', () => {
    const runtimes = mkdtempSync(join(scratch, 'runtimes-'));
    writeFileSync(join(runtimes, 'runtime.js'), 'one');
    const one = buildAgentArchive(runtimes);
    writeFileSync(join(runtimes, 'runtime.js'), 'two');
    expect(buildAgentArchive(runtimes).digest).not.toBe(one.digest);
  });

  it('is unpacked by tar to what the directory for operators has', () => {
    const { digest, bytes } = buildAgentArchive();
    const { directory, said } = unpack(bytes, 'agent.tar.gz');
    expect(said).toBe('');
    const written = join(scratch, 'written');
    expect(writeAgentDirectory(written)).toBe(digest);
    expect(contentOf(directory)).toEqual(contentOf(written));
    expect(readFileSync(join(directory, 'agent/digest'), 'utf8').trim()).toBe(digest);
  });

  it('has the launcher and every runtime, and nothing but programs', () => {
    const { directory } = unpack(buildAgentArchive().bytes, 'programs.tar.gz');
    const files = Object.keys(contentOf(directory));
    expect(readdirSync(directory).sort()).toEqual(['agent', 'launch.mjs']);
    for (const runtime of [
      'nodejs/runtime.js',
      'python/runtime.py',
      'actionloop/runtime.js',
      'shared/logs.js',
    ])
      expect(files).toContain(`agent/runtimes/${runtime}`);
    expect(files.filter((file) => !/\.(?:m?js|py)$|package\.json$|digest$/.test(file))).toEqual([]);
    expect(files.filter((file) => /test|__pycache__|node_modules/.test(file))).toEqual([]);
  });

  it('is written so that the users of all tasks can read it, whatever the umask', () => {
    const directory = join(scratch, 'umask');
    const before = process.umask(0o077);
    try {
      writeAgentDirectory(directory);
    } finally {
      process.umask(before);
    }
    for (const path of ['.', 'agent', 'agent/runtimes/nodejs'])
      expect(statSync(join(directory, path)).mode & 0o777).toBe(0o755);
    expect(statSync(join(directory, 'launch.mjs')).mode & 0o777).toBe(0o644);
  });

  it('is made from what was built from the present sources (if not: npm run build)', () => {
    const here = fileURLToPath(new URL('.', import.meta.url));
    for (const name of readdirSync(here).filter((file) => /(?<!\.test)\.ts$/.test(file))) {
      const built = join(here.replace('/src/', '/dist/'), name.replace(/ts$/, 'js'));
      expect(statSync(built).mtimeMs, name).toBeGreaterThanOrEqual(statSync(join(here, name)).mtimeMs);
    }
  });
});

describe('a tar file', () => {
  it('refuses a name that does not fit', () => {
    const file = { path: 'x'.repeat(101), content: Buffer.alloc(0), executable: false };
    expect(() => writeTar([file])).toThrow('too long a name');
  });

  it('keeps what is executable', () => {
    const directory = mkdtempSync(join(scratch, 'mode-'));
    const files = [
      { path: 'program', content: Buffer.from('#!/bin/sh\n'), executable: true },
      { path: 'text', content: Buffer.alloc(512, 'x'), executable: false },
    ];
    execFileSync('tar', ['-xf', '-', '-C', directory], { input: writeTar(files) });
    expect(statSync(join(directory, 'program')).mode & 0o111).not.toBe(0);
    expect(statSync(join(directory, 'text')).mode & 0o111).toBe(0);
    expect(statSync(join(directory, 'text')).size).toBe(512);
  });
});
