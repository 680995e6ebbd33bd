import { describe, expect, it } from 'vitest';
import { bwrapArguments, splitEnvironment } from './bwrap-arguments.ts';

const view = {
  bwrap: '/usr/bin/bwrap',
  root: '/run/vibrissa-1/root',
  binds: [{ host: '/opt/node/bin/node', inside: '/opt/nodejs-24/node' }],
  tmpMb: 1,
  actionDirMb: 2,
  sharedMemoryMb: 3,
  sizes: true,
  seccompFd: 4,
};

const has = (words: readonly string[], ...part: string[]) =>
  words.some((_, at) => part.every((word, index) => words[at + index] === word));

describe("bubblewrap's command line", () => {
  it('unshares everything, drops every capability and dies with its parent', () => {
    const words = bwrapArguments(view);
    for (const word of ['--unshare-user', '--unshare-all', '--die-with-parent', '--new-session'])
      expect(words).toContain(word);
    expect(has(words, '--cap-drop', 'ALL')).toBe(true);
    expect(has(words, '--uid', '65534')).toBe(true);
  });

  it('binds nothing writable', () => {
    const words = bwrapArguments({ ...view, apiSocket: '/run/vibrissa-1/api.sock' });
    expect(words).not.toContain('--bind');
    expect(words).not.toContain('--dev-bind');
    expect(words).not.toContain('--share-net');
    expect(has(words, '--ro-bind', '/run/vibrissa-1/api.sock', '/run/api.sock')).toBe(true);
  });

  it('gives every private file system its size', () => {
    const words = bwrapArguments(view);
    expect(has(words, '--size', String(1 << 20), '--tmpfs', '/tmp')).toBe(true);
    expect(has(words, '--size', String(2 << 20), '--tmpfs', '/action')).toBe(true);
    expect(has(words, '--size', String(3 << 20), '--tmpfs', '/dev/shm')).toBe(true);
  });

  it('mounts what lies below /dev before /dev becomes read-only', () => {
    const words = bwrapArguments(view);
    expect(words.indexOf('/dev/shm')).toBeLessThan(words.indexOf('--remount-ro'));
  });

  it('does without sizes and without a filter where there are none', () => {
    const { seccompFd: _, ...withoutFilter } = view;
    const words = bwrapArguments({ ...withoutFilter, sizes: false });
    expect(words).not.toContain('--size');
    expect(words).not.toContain('--seccomp');
  });

  it('passes variables that would reach the loader only to the program inside', () => {
    const { outer, setenv } = splitEnvironment({
      __OW_LISTEN_FD: '3',
      LD_PRELOAD: '/tmp/x.so',
      PATH: '/bin',
    });
    expect(outer).toEqual({ __OW_LISTEN_FD: '3', PATH: '/bin' });
    expect(setenv).toEqual(['--setenv', 'LD_PRELOAD', '/tmp/x.so']);
  });
});
