import { discoverRuntimes } from '../../src/containers/sandbox/discover-runtimes.ts';

const kinds = await discoverRuntimes({
  runtimeDir: new URL('../../../../runtimes', import.meta.url).pathname,
  execPath: process.execPath,
  path: '',
  home: '/',
});

/** Of the Python of this machine. */
export const pythonKind = [...kinds.commands.keys()].find((kind) => kind.startsWith('python:')) ?? 'python:3';
/** Of the Node that runs the tests. */
export const nodeKind = `nodejs:${process.versions.node.split('.')[0]}`;
