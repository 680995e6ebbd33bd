import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aMessage, aRecord } from '@vibrissa/testkit';
import { fuzz, fuzzSeconds, fuzzSeed, inPieces, mutate, pick } from '@vibrissa/testkit/fuzzing';
import { LINK, tar, tarGz, zip, type Member } from '../../../../runtimes/shared/test/build-archive.ts';
import { readJsonBody } from '../../src/http/json-body.ts';
import { RequestError } from '../../src/http/request-error.ts';
import { interpretInit, interpretRun } from '../../src/invoker/run/interpret-result.ts';
import { AnswerReader } from '../../src/invoker/run/read-answer.ts';
import { readFrame } from '../../src/store/sqlite/journal/frame.ts';
import { cleanUp } from '../platform/platform-process.ts';
import { openStores } from '../store/temporary-stores.ts';
import { openFaultPlatform, type FaultPlatform } from './fault-platform.ts';
import { sendPieces } from './send-pieces.ts';

const { unpack } = createRequire(import.meta.url)('../../../../runtimes/shared/archive.js') as {
  unpack(bytes: Buffer, directory: string): void;
};

const timeout = fuzzSeconds * 1000 + 60_000;
const directory = mkdtempSync(join(tmpdir(), 'vibrissa-fuzz-'));
afterAll(async () => {
  await cleanUp();
  rmSync(directory, { recursive: true, force: true });
});

const jsonWords = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '1e999',
  'null',
  '-',
];

describe(`fuzzing (SOAK_SEED=${fuzzSeed})`, () => {
  it(
    'JSON bodies are read as they are or refused, and change no prototype',
    async () => {
      const seeds = [
        '{"a":[1,2.5e3,true,null],"b":{"c":"d\\n\\u00e9"}}',
        '{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}}}',
        `${'['.repeat(1001)}1${']'.repeat(1001)}`,
        `{"exec":{"kind":"nodejs:20","code":"${'x'.repeat(500)}"},"limits":{"timeout":1}}`,
      ];
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      await fuzz('JSON bodies', (random) => {
        const bytes = mutate(Buffer.from(pick(random, seeds)), jsonWords, random);
        try {
          const body = readJsonBody(bytes, 'application/json');
          if (body) expect(body.value).toEqual(JSON.parse(bytes.toString('utf8')));
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          expect(error.status).toBe(400);
        }
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
      });
    },
    timeout,
  );

  it(
    'answers of containers mean the same in whatever pieces they come, and never throw',
    async () => {
      const seeds = [
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}',
        'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{"error":"e"}',
        `HTTP/1.0 200 OK\r\ncontent-length: 3000\r\nX: y\r\n\r\n{"a":"${'x'.repeat(2992)}"}`,
      ];
      const words = [
        '\r\n',
        '\r\n\r\n',
        'Content-Length: 5\r\n',
        'Transfer-Encoding: chunked\r\n',
        '99999999999',
        ...jsonWords,
      ];
      const limits = { maxBytes: 2000, keepBytes: 1000 };
      const read = (pieces: readonly Buffer[]) => {
        const reader = new AnswerReader();
        reader.begin(limits);
        for (const [index, piece] of pieces.entries()) {
          const state = reader.push(piece, piece.length);
          if (state === 'more') continue;
          if (state === 'garbage') return { state, problem: reader.problem };
          // What comes on a connection that is given up with its answer is never looked at.
          const surplus = !reader.closes && (reader.surplus || index < pieces.length - 1);
          return { state, answer: reader.answer, surplus };
        }
        return { state: 'more' };
      };
      await fuzz('answers of containers', (random) => {
        const bytes = mutate(Buffer.from(pick(random, seeds)), words, random);
        const whole = read([bytes]);
        expect(read(inPieces(bytes, random))).toEqual(whole);
        if (whole.answer) {
          const response = interpretRun(whole.answer, { timeoutMs: 1, maxBytes: 2000 });
          expect(typeof JSON.parse(response.resultJson)).toBe('object');
          interpretInit(whole.answer, { timeoutMs: 1, maxBytes: 2000 });
        }
      });
    },
    timeout,
  );

  it(
    'archives are unpacked within their directory or refused',
    async () => {
      const members: Member[] = [
        { name: 'index.js', content: 'exports.main = () => ({});' },
        { name: 'lib/deep/a.txt', content: 'text '.repeat(50) },
        { name: 'to', content: 'lib/deep/a.txt', mode: LINK, type: '2', target: 'lib/deep/a.txt' },
        { name: 'stored', content: 'as it is', stored: true },
      ];
      const seeds = [zip(members), tar(members), tarGz(members), zip([])];
      const words = [
        '../',
        '/',
        '..',
        '\0',
        'PK\u0001\u0002',
        'PK\u0003\u0004',
        'PK\u0005\u0006',
        'ustar',
        '\u00ff',
      ];
      const canary = join(directory, 'canary');
      mkdirSync(canary);
      let count = 0;
      await fuzz('archives', (random) => {
        const inside = join(directory, 'canary', 'inside');
        rmSync(inside, { recursive: true, force: true });
        mkdirSync(inside);
        try {
          unpack(mutate(pick(random, seeds), words, random), inside);
          count += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(['RangeError', 'TypeError']).not.toContain((error as Error).name);
        }
        expect(readdirSync(canary)).toEqual(['inside']);
      });
      expect(count).toBeGreaterThan(0);
    },
    timeout,
  );

  it(
    'frames of the journal are whole as written, or end it',
    async () => {
      const { writer, payloads } = await journalOf(20);
      await fuzz('frames of the journal', (random) => {
        const bytes = mutate(writer, [], random);
        for (let at = 0; at < bytes.length;) {
          const read = readFrame(bytes, at, bytes.length);
          if (read.state !== 'whole') break;
          const { payloadStart, payloadEnd } = read.frame;
          expect(payloads.has(bytes.toString('latin1', payloadStart, payloadEnd))).toBe(true);
          at = payloadEnd;
        }
      });
    },
    timeout,
  );

  it(
    'a damaged journal is opened, with records as they were written or not at all',
    async () => {
      const { dataDir, file } = await journalOf(20);
      const intact = readFileSync(file);
      await fuzz('damaged journals', async (random) => {
        rmSync(join(directory, 'damaged'), { recursive: true, force: true });
        const damaged = join(directory, 'damaged');
        cpSync(dataDir, damaged, { recursive: true });
        writeFileSync(join(damaged, file.slice(dataDir.length + 1)), mutate(intact, [], random));
        const stores = await openStores(damaged);
        try {
          const { length } = await stores.journal.unfinished();
          expect(length).toBeLessThanOrEqual(20);
          for (let n = 0; n < 20; n++) {
            const found = await stores.activations.get('guest', idOf(n));
            if (found) expect(JSON.parse(found.recordJson)).toMatchObject({ response: { result: { n } } });
          }
          await stores.journal.accept(aMessage({ activationId: 'f'.repeat(32) }));
          expect(await stores.journal.unfinished()).toHaveLength(length);
        } finally {
          await stores.close();
        }
      });
    },
    timeout,
  );
});

const idOf = (n: number) => n.toString(16).padStart(32, '0');

/** The directory of a process that was killed when it had journalled, before anything was in the tables. */
async function journalOf(count: number) {
  const written = mkdtempSync(join(directory, 'journal-'));
  const stores = await openStores(written);
  for (let n = 0; n < count; n++) {
    const activationId = idOf(n);
    await stores.journal.accept(aMessage({ activationId, content: `{"n":${n}}` }));
    if (n % 3 === 0) continue;
    await stores.journal.start(aMessage({ activationId }));
    if (n % 3 === 1) continue;
    const response = { statusCode: 0 as const, resultJson: `{"n":${n}}` };
    await stores.journal.finish(aRecord({ activationId, response }), [`line ${n}`]);
  }
  const dataDir = mkdtempSync(join(directory, 'killed-'));
  cpSync(written, dataDir, { recursive: true, filter: (path) => !/\.db|\.sock|lock/.test(path) });
  await stores.close();
  const names = readdirSync(dataDir, { recursive: true }) as string[];
  const file = join(
    dataDir,
    names.find((name) => /journal\/./.test(name))!,
  );
  const writer = readFileSync(file);
  const payloads = new Set<string>();
  for (let at = 0; at < writer.length;) {
    const read = readFrame(writer, at, writer.length);
    if (read.state !== 'whole') throw new Error(`the journal itself is ${read.state} at ${at}`);
    payloads.add(writer.toString('latin1', read.frame.payloadStart, read.frame.payloadEnd));
    at = read.frame.payloadEnd;
  }
  return { dataDir, file, writer, payloads };
}

describe(`fuzzing the HTTP edge (SOAK_SEED=${fuzzSeed})`, () => {
  let platform: FaultPlatform;
  beforeAll(async () => {
    platform = await openFaultPlatform();
    await platform.create('echo', 'function main(args) { return args; }');
  });

  const send = (pieces: readonly Buffer[]) => sendPieces(platform.process.port, pieces);

  it(
    'whatever comes is answered with HTTP, refused or waited for, and the platform goes on',
    async () => {
      const key = Buffer.from(platform.process.key).toString('base64');
      const head = `Host: localhost\r\nAuthorization: Basic ${key}\r\nContent-Type: application/json\r\n`;
      const path = '/api/v1/namespaces/_';
      const seeds = [
        `POST ${path}/actions/echo?blocking=true HTTP/1.1\r\n${head}Content-Length: 7\r\n\r\n{"a":1}`,
        `PUT ${path}/actions/put?overwrite=true HTTP/1.1\r\n${head}Content-Length: 52\r\n\r\n{"exec":{"kind":"nodejs:default","code":"let a = 1"}}`,
        `GET ${path}/activations?limit=3&skip=1&docs=true HTTP/1.1\r\n${head}\r\n`,
        `POST ${path}/actions/echo HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n\r\n`,
        `DELETE ${path}/actions/none HTTP/1.1\r\n${head}\r\n`,
        `PUT ${path}/packages/p?overwrite=true HTTP/1.1\r\n${head}Content-Length: 77\r\n\r\n{"binding":{"namespace":"_","name":"q"},"parameters":[{"key":"a","value":1}]}`,
        `GET ${path}/packages/p HTTP/1.1\r\n${head}\r\n`,
        `DELETE ${path}/packages/p?force=true HTTP/1.1\r\n${head}\r\n`,
      ];
      const words = [
        '\r\n',
        '\n',
        '\r',
        '\0',
        ' ',
        ': ',
        'Content-Length: 3\r\n',
        'Transfer-Encoding: chunked\r\n',
        'Expect: 100-continue\r\n',
        'Connection: upgrade\r\nUpgrade: x\r\n',
        '%00',
        '%2F..%2F',
        '%',
        '?',
        '&',
        '../',
        '_',
        'HTTP/9.9',
        'X: ' + 'x'.repeat(20_000),
        ...jsonWords,
      ];
      await fuzz('the HTTP edge', async (random) => {
        const inputs = Array.from({ length: 8 }, () =>
          mutate(Buffer.from(pick(random, seeds)), words, random),
        );
        const answers = await Promise.all(inputs.map((bytes) => send(inPieces(bytes, random))));
        for (const answer of answers) expect(answer).toMatch(/^$|^HTTP\/1\.1 [1-5]\d\d /);
        // 500 would be a fault that nobody has thought of.
        for (const answer of answers) expect(answer).not.toMatch(/^HTTP\/1\.1 500 /);
        const reply = await platform.invoke('echo', { still: 'here' });
        expect(reply.status).toBe(200);
      });
      expect(platform.process.stderr).not.toMatch(/"level":"error"/);
    },
    timeout,
  );
});
