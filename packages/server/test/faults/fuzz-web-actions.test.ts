import type { IncomingHttpHeaders } from 'node:http';

import type { Json } from '@vibrissa/protocol';
import { aRecord } from '@vibrissa/testkit';
import { fuzz, fuzzSeconds, fuzzSeed, inPieces, mutate, pick } from '@vibrissa/testkit/fuzzing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestError } from '../../src/http/request-error.ts';
import { vanityUrl } from '../../src/http/vanity-host.ts';
import { answerWeb } from '../../src/controller/web-actions/answer-web.ts';
import { requestArguments } from '../../src/controller/web-actions/request-arguments.ts';
import { parseWebAddress, type Extension } from '../../src/controller/web-actions/web-address.ts';
import { cleanUp } from '../platform/platform-process.ts';
import { openFaultPlatform, type FaultPlatform } from './fault-platform.ts';
import { sendPieces } from './send-pieces.ts';

const timeout = fuzzSeconds * 1000 + 60_000;

const words = [
  '%',
  '%2F',
  '%00',
  '/',
  '?',
  '&',
  '=',
  '+',
  '.http',
  '.json',
  '__ow_body',
  '__proto__',
  '\\r\\n',
  '"headers":',
  '"statusCode":',
  '"body":',
  '[',
  '{',
  '}',
  '"',
  ',',
  ';',
  'q=0',
  'charset=',
  '*/*',
];

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Runs what may refuse a request, and nothing else. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return undefined;
  }
}

const line = /^[\t\x20-\x7e\x80-\xff]*$/;

describe(`fuzzing web actions (SOAK_SEED=${fuzzSeed})`, () => {
  it(
    'a request becomes arguments or is refused, and its address is one or none',
    async () => {
      const urls = ['/api/v1/web/guest/default/hello.json/a/b?x=1&y=%20', '/api/v1/web/guest/box/a%20b.svg'];
      const bodies = ['{"a":[1,{"b":null}],"__proto__":{"x":1}}', 'a=1&b=%C3%A4', '[1,2]', 'text'];
      const types = [
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain; charset=x',
        'image/png',
      ];
      await fuzz('requests of web actions', (random) => {
        const change = (text: string) => mutate(Buffer.from(text, 'latin1'), words, random);
        const url = `/api/v1/web/${change(pick(random, urls).slice(12)).toString('latin1')}`;
        const address = parseWebAddress(url);
        vanityUrl({ host: change('guest.faas.example').toString('latin1'), url }, 'faas.example');
        const headers: IncomingHttpHeaders = {
          'content-type':
            random() < 0.5 ? pick(random, types) : change(pick(random, types)).toString('latin1'),
        };
        const request = {
          method: 'POST',
          headers,
          path: address?.path ?? '',
          query: address?.query ?? '',
          body: change(pick(random, bodies)),
          caller: undefined,
        };
        const found = attempt(() =>
          requestArguments(request, { isRaw: random() < 0.2, final: new Set(['a']) }),
        );
        if (found) expect(JSON.parse(found.json)).toEqual(found.value);
        expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
      });
    },
    timeout,
  );

  it(
    'a result becomes an answer that HTTP can carry, or is refused',
    async () => {
      const seeds = [
        '{"statusCode":200,"headers":{"Set-Cookie":["a=1","b=2"],"x":1,"Content-Length":2},"body":"hi"}',
        '{"headers":{"content-type":"image/png"},"body":"aGk="}',
        '{"error":{"statusCode":"403","body":{"a":[1,{}]}}}',
        '{"html":"<b>","text":[1],"svg":"<svg/>"}',
      ];
      const extensions: readonly Extension[] = ['http', 'json', 'html', 'svg', 'text'];
      await fuzz('results of web actions', (random) => {
        const resultJson = mutate(Buffer.from(pick(random, seeds)), words, random).toString('utf8');
        const result = parse(resultJson);
        if (typeof result !== 'object' || result === null) return;
        const statusCode = random() < 0.7 ? 0 : 1;
        const record = aRecord({ response: { statusCode, resultJson } });
        const accept = mutate(Buffer.from('text/html, */*;q=0.5'), words, random).toString('latin1');
        const wish = {
          extension: pick(random, extensions),
          accept,
          cors: ['access-control-allow-origin', '*'],
        };
        const answer = attempt(() =>
          answerWeb({ outcome: 'finished', activationId: record.activationId, record }, wish),
        );
        if (!answer) return;
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect(answer.status).toBeLessThanOrEqual(599);
        for (const part of [answer.contentType, ...(answer.headers ?? [])]) expect(part).toMatch(line);
        const names = (answer.headers ?? []).filter((_, index) => index % 2 === 0);
        for (const name of names) {
          expect(name).not.toMatch(/^(?:content-length|transfer-encoding|connection|trailer|upgrade)$/i);
        }
      });
    },
    timeout,
  );
});

describe(`fuzzing web actions over sockets (SOAK_SEED=${fuzzSeed})`, () => {
  let platform: FaultPlatform;
  beforeAll(async () => {
    platform = await openFaultPlatform({ args: ['--set', 'http.vanityDomain=faas.example'] });
    const code = 'function main(args) { return { body: args, headers: { "x-mine": [1, "b"] } }; }';
    await platform.create('web', code, { annotations: [{ key: 'web-export', value: true }] });
  });
  afterAll(cleanUp);

  const send = (pieces: readonly Buffer[]) => sendPieces(platform.process.port, pieces);

  it(
    'whatever comes is answered with HTTP, refused or waited for, and the platform goes on',
    async () => {
      const path = '/api/v1/web/guest/default/web';
      const seeds = [
        `GET ${path}.json/a/b?x=1&y=2 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}`,
        `PATCH ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n`,
        `OPTIONS ${path} HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Headers: x-y\r\n\r\n`,
        `GET /default/web HTTP/1.1\r\nHost: guest.faas.example\r\n\r\n`,
      ];
      const edge = ['\r\n', '\n', '\0', ': ', 'Content-Length: 3\r\n', 'Upgrade: x\r\n', ...words];
      await fuzz('web actions over sockets', async (random) => {
        const inputs = Array.from({ length: 8 }, () =>
          mutate(Buffer.from(pick(random, seeds)), edge, random),
        );
        const answers = await Promise.all(inputs.map((bytes) => send(inPieces(bytes, random))));
        for (const answer of answers) {
          expect(answer).toMatch(/^$|^HTTP\/1\.1 [1-5]\d\d /);
          expect(answer).not.toMatch(/^HTTP\/1\.1 500 /);
        }
        const still = await fetch(`http://127.0.0.1:${platform.process.port}${path}.json`);
        expect(still.status).toBe(200);
        await still.arrayBuffer();
      });
      expect(platform.process.stderr).not.toMatch(/"level":"error"/);
    },
    timeout,
  );
});
