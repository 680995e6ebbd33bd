import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LINK, tar, tarGz, zip, type Member } from '../../shared/test/build-archive.ts';
import { startRuntime, type RunningRuntime } from '../../shared/test/start-runtime.ts';

const UNPACKING = 'Initialization has failed due to: There was an error uncompressing the action archive: ';
const index: Member = { name: 'index.js', content: 'exports.main = (p) => ({ got: p.a });' };

let runtime: RunningRuntime;

beforeEach(async () => {
  runtime = await startRuntime('nodejs');
});

afterEach(() => runtime.stop());

async function errorOfInit(archive: Buffer, main = 'main'): Promise<string> {
  const answer = await runtime.initArchive(archive, { main });
  expect(answer.status).toBe(502);
  return (answer.json as { error: string }).error;
}

describe('a Node action in an archive', () => {
  it.each([
    ['an index.js', 'main', [index]],
    [
      'a main file',
      'main',
      [
        { name: 'package.json', content: '{"main":"lib/a.js"}' },
        { ...index, name: 'lib/a.js' },
      ],
    ],
    [
      'a main file without its ending',
      'main',
      [
        { name: 'package.json', content: '{"main":"./lib/a"}' },
        { ...index, name: 'lib/a.js' },
      ],
    ],
    ['a package.json that names nothing', 'main', [{ name: 'package.json', content: '{}' }, index]],
    [
      'a package.json whose main file is missing',
      'main',
      [{ name: 'package.json', content: '{"main":"a.js"}' }, index],
    ],
    [
      'an ES module',
      'main',
      [
        { name: 'package.json', content: '{"type":"module"}' },
        { name: 'index.js', content: 'export const main = (p) => ({ got: p.a });' },
      ],
    ],
    [
      'an ES module that awaits',
      'main',
      [
        { name: 'package.json', content: '{"type":"module"}' },
        { name: 'index.js', content: 'const a = await 1; export const main = (p) => ({ got: a && p.a });' },
      ],
    ],
    [
      'an .mjs main',
      'main',
      [
        { name: 'package.json', content: '{"main":"a.mjs"}' },
        { name: 'a.mjs', content: 'export const main = (p) => ({ got: p.a });' },
      ],
    ],
    [
      'only an index.mjs',
      'main',
      [{ name: 'index.mjs', content: 'export default function main(p) { return { got: p.a } }' }],
    ],
    [
      'a .cjs main in an ES module',
      'main',
      [
        { name: 'package.json', content: '{"type":"module","main":"a.cjs"}' },
        { ...index, name: 'a.cjs' },
      ],
    ],
    [
      'another name for main',
      'other',
      [{ name: 'index.js', content: 'exports.other = (p) => ({ got: p.a });' }],
    ],
    [
      'a file named by main',
      'lib.other',
      [{ name: 'lib.js', content: 'exports.other = (p) => ({ got: p.a });' }],
    ],
    [
      'a directory before its file',
      'main',
      [
        { name: 'lib/', mode: 0o040755 },
        { name: 'lib/a.js', content: 'module.exports = 1' },
        { name: 'index.js', content: 'exports.main = (p) => ({ got: require("./lib/a") && p.a })' },
      ],
    ],
    [
      'node_modules',
      'main',
      [
        { name: 'node_modules/dep/index.js', content: 'module.exports = (x) => x' },
        { name: 'package.json', content: '{"dependencies":{"dep":"1"}}' },
        {
          name: 'index.js',
          content: 'const dep = require("dep"); exports.main = (p) => ({ got: dep(p.a) })',
        },
      ],
    ],
    ['an uncompressed file', 'main', [{ ...index, stored: true }]],
    [
      'a link within',
      'main',
      [
        { name: 'lib/a.js', content: index.content ?? '' },
        { name: 'index.js', mode: LINK, content: 'lib/a.js' },
      ],
    ],
    [
      'backslashes in names',
      'main',
      [
        { name: 'lib\\a.js', content: 'module.exports = 1' },
        { name: 'index.js', content: 'exports.main = (p) => ({ got: require("./lib/a") && p.a })' },
      ],
    ],
  ] as [string, string, Member[]][])('may have %s', async (_, main, members) => {
    expect(await runtime.initArchive(zip(members), { main })).toMatchObject({ status: 200 });
    expect((await runtime.run({ a: 1 })).json).toEqual({ got: 1 });
  });

  it('runs where it was unpacked, and finds its files', async () => {
    const code =
      'const fs = require("fs"); exports.main = () => ({ text: fs.readFileSync("data.txt", "utf8"), main: __dirname === process.cwd() })';
    await runtime.initArchive(
      zip([
        { name: 'index.js', content: code },
        { name: 'data.txt', content: 'ä' },
      ]),
    );
    expect((await runtime.run()).json).toEqual({ text: 'ä', main: true });
  });

  it('may be a tar.gz, with links of both kinds', async () => {
    const members: Member[] = [
      { name: './', type: '5' },
      { name: './lib/a.js', content: 'module.exports = 1' },
      { name: './lib/b.js', type: '2', target: 'a.js' },
      { name: './lib/c.js', type: '1', target: './lib/a.js' },
      {
        name: 'index.js',
        content: 'const n = ["a", "b", "c"].map((f) => require("./lib/" + f)); exports.main = () => ({ n })',
      },
    ];
    expect((await runtime.initArchive(tarGz(members))).status).toBe(200);
    expect((await runtime.run()).json).toEqual({ n: [1, 1, 1] });
  });

  it.each([
    ['zip', ['zip', '-qry', '../out.zip', '.']],
    ['tar in GNU’s format', ['tar', '--format=gnu', '-czf', '../out.zip', '.']],
    ['tar in pax format', ['tar', '--format=pax', '-czf', '../out.zip', '.']],
  ])('may be made by %s', async (_, [tool = '', ...args]) => {
    const directory = join(runtime.directory, 'source');
    const long = `${'a'.repeat(90)}/${'b'.repeat(90)}/${'c'.repeat(60)}.js`;
    mkdirSync(join(directory, dirname(long)), { recursive: true });
    writeFileSync(join(directory, long), 'module.exports = "ü"');
    writeFileSync(join(directory, 'index.js'), `exports.main = () => ({ got: require("./${long}") })`);
    execFileSync(tool, args, { cwd: directory });
    expect((await runtime.initArchive(readFileSync(join(runtime.directory, 'out.zip')))).status).toBe(200);
    expect((await runtime.run()).json).toEqual({ got: 'ü' });
  });

  it.each([
    [
      'without a main file',
      [{ name: 'other.js', content: '' }],
      'Initialization has failed due to: Zipped actions must contain either package.json or index.js at the root.',
    ],
    [
      'whose package.json names a file that is missing',
      [{ name: 'package.json', content: '{"main":"a.js"}' }],
      'Initialization has failed due to: The package.json of the action names "a.js" as its main file, which isn\'t in the archive.',
    ],
    [
      'whose package.json isn’t JSON',
      [{ name: 'package.json', content: '{' }, index],
      "Initialization has failed due to: The package.json of the action can't be read: ",
    ],
    [
      'without the function',
      [{ name: 'index.js', content: '' }],
      "Initialization has failed due to: Action entrypoint 'main' is not a function.",
    ],
    [
      'that throws',
      [{ name: 'index.js', content: 'throw new Error("in archive")' }],
      'Initialization has failed due to: Error: in archive\n    at ',
    ],
  ] as [string, Member[], string][])('%s fails with a reason', async (_, members, sentence) => {
    expect(await errorOfInit(zip(members))).toContain(sentence);
  });

  it.each([
    ['required', { name: 'index.js', content: 'require("left-pad"); exports.main = () => {}' }],
    ['imported', { name: 'index.mjs', content: 'import "left-pad"; export const main = () => {}' }],
  ])('whose dependencies aren’t in it fails with advice when one is %s', async (_, file) => {
    const error = await errorOfInit(
      zip([{ name: 'package.json', content: '{"dependencies":{"left-pad":"1"}}' }, file]),
    );
    expect(error).toContain('left-pad');
    expect(error).toContain('run `npm install --omit=dev` and include node_modules in the archive');
  });

  it('that was bundled needs no node_modules, whatever its package.json names', async () => {
    await runtime.initArchive(
      zip([{ name: 'package.json', content: '{"dependencies":{"left-pad":"1"}}' }, index]),
    );
    expect((await runtime.run({ a: 1 })).json).toEqual({ got: 1 });
  });
});

describe('an archive that isn’t what it seems', () => {
  const good = zip([index]);
  const device = (mode: number): Member[] => [index, { name: 'device', mode }];

  it.each([
    ['no archive', Buffer.from('exports.main = () => {}'), 'it is neither a zip nor a tar.gz file.'],
    ['nothing', Buffer.from('A'), 'it is neither a zip nor a tar.gz file.'],
    [
      'a zip that was cut off',
      good.subarray(0, good.length - 30),
      'it is a zip file without an end: it may have been cut off.',
    ],
    ['a zip without its beginning', Buffer.concat([Buffer.from('PK'), good.subarray(40)]), 'it is damaged.'],
    ['a tar.gz that was cut off', tarGz([index]).subarray(0, 60), 'it is damaged: unexpected end of file.'],
    [
      'a tar that was cut off',
      gzipSync(tar([{ name: 'a', content: 'x'.repeat(2000) }]).subarray(0, 1000)),
      'it is cut off.',
    ],
    ['a gzipped text', gzipSync('x'.repeat(2000)), 'it is damaged.'],
    ['an encrypted zip', zip([{ ...index, encrypted: true }]), 'it is encrypted.'],
    [
      'a path that leads out',
      zip([index, { name: '../evil.js' }]),
      'it has a path that leads out of it: "../evil.js".',
    ],
    [
      'a path that leads out later',
      zip([index, { name: 'a/b/../../../evil.js' }]),
      'it has a path that leads out of it',
    ],
    [
      'a path that leads out with backslashes',
      zip([index, { name: '..\\evil.js' }]),
      'it has a path that leads out of it',
    ],
    ['an absolute path', zip([index, { name: '/tmp/evil.js' }]), 'it has an absolute path: "/tmp/evil.js".'],
    ['a drive', zip([index, { name: 'C:\\evil.js' }]), 'it has an absolute path'],
    ['a NUL in a name', zip([index, { name: 'a\0.js' }]), 'it has a name with a NUL character.'],
    ['a name without end', zip([index, { name: 'a'.repeat(2000) }]), 'it has a name that is too long.'],
    [
      'an absolute link',
      zip([index, { name: 'l', mode: LINK, content: '/etc/passwd' }]),
      'it has a link out of it: "l -> /etc/passwd". Pack what it leads to: `npm install --install-links`',
    ],
    ['a link out', zip([index, { name: 'l', mode: LINK, content: '../x' }]), 'it has a link out of it'],
    [
      'a file through a link',
      zip([index, { name: 'l', mode: LINK, content: '.' }, { name: 'l/evil.js' }]),
      'it has an entry below the link "l".',
    ],
    [
      'a file below a file',
      zip([index, { name: 'index.js/evil.js' }]),
      'it has an entry below the file "index.js".',
    ],
    [
      'links that lead out together',
      zip([
        index,
        { name: 'p/q/r', mode: LINK, content: '../..' },
        { name: 'm', mode: LINK, content: 'p/q/r/../x' },
      ]),
      'it has a link out of it: "m -> p/q/r/../x".',
    ],
    [
      'links in a circle',
      zip([index, { name: 'a', mode: LINK, content: 'b' }, { name: 'b', mode: LINK, content: 'a' }]),
      'it has links in a circle',
    ],
    [
      'a link and a file of one name',
      zip([index, { name: 'a', mode: LINK, content: 'b' }, { name: 'a', content: 'x' }]),
      'it has two meanings for "a".',
    ],
    ['a block device', zip(device(0o060600)), 'it has a device or a pipe: "device".'],
    ['a character device', zip(device(0o020600)), 'it has a device or a pipe'],
    ['a pipe', zip(device(0o010600)), 'it has a device or a pipe'],
    ['a socket', zip(device(0o140600)), 'it has a device or a pipe'],
    ['a device in a tar', tarGz([index, { name: 'd', type: '3' }]), 'it has a device or a pipe'],
    ['a path that leads out in a tar', tarGz([{ name: '../evil.js' }]), 'it has a path that leads out of it'],
    ['a link out in a tar', tarGz([{ name: 'a', type: '2', target: '../..' }]), 'it has a link out of it'],
    [
      'a hard link out in a tar',
      tarGz([{ name: 'a', type: '1', target: '/etc/passwd' }]),
      'it has a link out of it',
    ],
    [
      'a file that is larger than it says',
      zip([{ name: 'a', content: 'x'.repeat(1e6), claimedSize: 10 }]),
      '"a" is larger than it says.',
    ],
    [
      'a file that is smaller than it says',
      zip([{ name: 'a', content: 'x', claimedSize: 10 }]),
      'the size of "a" isn\'t what it says.',
    ],
    [
      'a bomb',
      zip([{ name: 'a', content: Buffer.alloc(20e6) }]),
      'it unpacks to more than 100 times its size.',
    ],
    [
      'a bomb of many files',
      zip(Array.from({ length: 30 }, (_, i) => ({ name: `a${i}`, content: Buffer.alloc(1e6) }))),
      'it unpacks to more than 100 times its size.',
    ],
    [
      'a bomb in a tar.gz',
      tarGz([{ name: 'a', content: Buffer.alloc(20e6) }]),
      'it unpacks to more than is allowed.',
    ],
    [
      'a claim of four gigabytes',
      zip([{ name: 'a', content: 'x', claimedSize: 0xfffffff0 }]),
      'it unpacks to more than 512 MB.',
    ],
    [
      'too many entries',
      zip(Array.from({ length: 50_001 }, (_, i) => ({ name: `a${i}`, stored: true }))),
      'it has more than 50000 entries.',
    ],
  ])('is refused for %s, and leaves nothing', async (_, archive, sentence) => {
    expect(await errorOfInit(archive)).toContain(UNPACKING + sentence);
    expect(readdirSync(join(runtime.directory, 'code')).filter((name) => name !== 'index.js')).toEqual([]);
    expect(existsSync(join(runtime.directory, 'evil.js'))).toBe(false);
  });

  it('may hold __proto__ for a name', async () => {
    await runtime.initArchive(zip([index, { name: '__proto__/constructor', content: 'x' }]));
    expect((await runtime.run({ a: 1 })).json).toEqual({ got: 1 });
  });
});
