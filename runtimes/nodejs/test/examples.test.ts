import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startRuntime, type RunningRuntime } from '../../shared/test/start-runtime.ts';

const { unpack } = createRequire(import.meta.url)('../../shared/archive.js') as {
  unpack(bytes: Buffer, directory: string): void;
};
const examples = new URL('../../../examples/', import.meta.url);

let runtime: RunningRuntime | undefined;

afterEach(() => runtime?.stop());

function example(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(name, examples)));
}

async function call(kind: 'nodejs' | 'python' | 'actionloop', name: string, args: unknown): Promise<unknown> {
  runtime = await startRuntime(kind);
  const binary = name.endsWith('.zip');
  const code = example(name).toString(binary ? 'base64' : 'utf8');
  expect((await runtime.init(code, { binary })).status).toBe(200);
  return (await runtime.run(args)).json;
}

describe('the examples', () => {
  it.each([
    ['nodejs', 'hello.js', { name: 'Ada' }, { greeting: 'Hello, Ada!' }],
    ['python', 'hello.py', { name: 'Ada' }, { greeting: 'Hello, Ada!' }],
    ['nodejs', 'hello.js', {}, { greeting: 'Hello, stranger!' }],
    ['python', 'hello.py', {}, { greeting: 'Hello, stranger!' }],
    ['actionloop', 'words.sh', { text: 'to be or "not"' }, { words: 4 }],
    ['actionloop', 'words.sh', {}, { words: 0 }],
    ['nodejs', 'slugs.zip', { titles: ['Über uns', ' Été 2026! '] }, { slugs: ['ueber-uns', 'ete-2026'] }],
    ['nodejs', 'sleep.js', { ms: 1 }, { sleptMs: expect.any(Number) as number }],
    ['nodejs', 'fail.js', {}, { error: 'told by the example' }],
    ['nodejs', 'fail.js', { how: 'throw' }, { error: 'An error has occurred: Error: thrown by the example' }],
  ] as const)('run in %s: %s with %j', async (kind, name, args, result) => {
    expect(await call(kind, name, args)).toEqual(result);
  });

  it('are packed as they lie in their directory', async () => {
    const unpacked = mkdtempSync(join(tmpdir(), 'example-'));
    unpack(example('slugs.zip'), unpacked);
    const names = ['package.json', 'index.js', 'lib/slug.js'];
    const packed = names.map((name) => readFileSync(join(unpacked, name), 'utf8'));
    rmSync(unpacked, { recursive: true });
    expect(packed).toEqual(names.map((name) => example(`slugs/${name}`).toString('utf8')));
  });
});
