import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { ManualClock, readTranscript, recordedConnections } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpAsker } from '../../src/agent/http-asker.ts';
import { SandboxError } from '../../src/agent/sandbox-error.ts';
import { SandboxFile } from '../../src/agent/sandbox-file.ts';
import { agentOrigin, sandboxPath } from '../../src/agent/sandbox-path.ts';
import { SandboxLogs, type LogPage, type LogRequest } from '../../src/agent/sandbox-logs.ts';
import { cutCharacter, restOfCharacter } from '../../src/agent/utf8-edges.ts';
import { AgentServer } from './agent-server.ts';

let agent: AgentServer;
let http: HttpAsker;
let logs: SandboxLogs;

beforeEach(async () => {
  agent = await AgentServer.open();
  http = new HttpAsker();
  logs = new SandboxLogs(http, { firstPollMs: 1, longestPollMs: 5 });
});

afterEach(async () => {
  await http.close();
  await agent.close();
});

async function pagesOf(request: LogRequest = {}): Promise<LogPage[]> {
  const pages: LogPage[] = [];
  for await (const page of logs.read(agent.place, request)) pages.push(page);
  return pages;
}

async function textOf(request: LogRequest = {}): Promise<string> {
  return (await pagesOf(request)).map(({ text }) => text).join('');
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SandboxError)) throw new Error('nothing typed was thrown', { cause: error });
  return error.code;
}

describe('a file of a sandbox', () => {
  test('is read as a real agent answers (O44)', async () => {
    const exchanges = recordedConnections(readTranscript('s21')).flatMap(({ exchanges: each }) => each);
    const recorded = exchanges.filter(({ request }) => request?.path.startsWith('/files/read?'));
    expect(recorded.length).toBeGreaterThan(8);
    const origin = `http://127.0.0.1:${agent.port}`;
    const seen = new Set<string>();
    for (const { request, status, body } of recorded) {
      const query = new URL(request!.path, origin).searchParams;
      const path = query.get('path')!;
      const content = 'hello stdout\nline 1\nline 2\nline 3\n';
      const isGroup = path.endsWith('/tasks/ga/stdout');
      if (isGroup) agent.files.set(path, Buffer.from('in group\n'));
      // The task was still writing when some of these were recorded: the file is as long as the answer shows.
      const answer =
        status === 200 ? (JSON.parse(body!.toString()) as { data: string; offset: number }) : undefined;
      const grown = answer?.data === '' && answer.offset < content.length ? answer.offset : undefined;
      const shown =
        answer && query.get('offset') === '0' && query.get('length') === '50' ? answer.data.length : grown;
      if (status === 200 && !isGroup)
        agent.files.set(path, Buffer.from(content.slice(0, shown ?? content.length)));
      const reply = await http.ask({ origin, path: request!.path });
      expect([reply.status, reply.body.toString()]).toEqual([status, body!.toString()]);
      seen.add(`${status} ${query.get('offset') === null ? 'no' : 'an'} offset`);
    }
    expect(seen).toContain('200 no offset');
    expect(seen).toContain('404 no offset');
  });

  test('is found by framework and executor, in a group below its task (O44)', () => {
    expect(sandboxPath(agent.place, 'stdout')).toBe('/frameworks/F/executors/T/runs/latest/stdout');
    expect(sandboxPath({ ...agent.place, groupTaskId: 'a' }, 'd/f')).toBe(
      '/frameworks/F/executors/T/runs/latest/tasks/a/d/f',
    );
  });

  test('lies on the agent, by its name where TLS needs one', () => {
    const address = { hostname: 'h', ip: '10.0.0.1', port: 5051 };
    expect(agentOrigin({ scheme: 'http', address })).toBe('http://10.0.0.1:5051');
    expect(agentOrigin({ scheme: 'https', address })).toBe('https://h:5051');
    expect(agentOrigin({ scheme: 'http', address: { ip: 'fd00::1', port: 1 } })).toBe('http://[fd00::1]:1');
  });

  test('is read to its end', async () => {
    agent.write('stdout', 'hello\n');
    expect(await pagesOf()).toEqual([
      { text: 'hello\n', bytes: Buffer.from('hello\n'), offset: 0, nextOffset: 6, restarted: false },
    ]);
    agent.write('d/f', 'other');
    expect(await textOf({ file: 'd/f' })).toBe('other');
    agent.write('stderr', '');
    expect(await textOf({ file: 'stderr' })).toBe('');
    expect(await logs.size(agent.place)).toBe(6);
  });

  test('comes in pages of at most 64 KiB', async () => {
    const text = Array.from({ length: 30_000 }, (_, line) => `line ${line}\n`).join('');
    agent.write('stdout', text);
    const pages = await pagesOf();
    expect(pages.length).toBe(Math.ceil(text.length / 65_536));
    expect(pages.map((page) => page.text).join('')).toBe(text);
    expect(agent.requests.filter((each) => each.includes('length=65536')).length).toBeGreaterThan(3);
    // And the question how long it is.
    expect(agent.requests).toHaveLength(pages.length + 1);
  });

  test('is cut between characters only', async () => {
    const text = `x${'ü€😀'.repeat(20_000)}`;
    agent.write('stdout', text);
    const pages = await pagesOf();
    expect(pages.map((page) => page.text).join('')).toBe(text);
    expect(pages.every((page) => !page.text.includes('\ufffd'))).toBe(true);
    expect(pages.at(-1)?.nextOffset).toBe(Buffer.byteLength(text));
  });

  test('is the same bytes again, whatever they are', async () => {
    const bytes = randomBytes(200_000);
    agent.write('stdout', bytes);
    expect(Buffer.concat((await pagesOf()).map((page) => page.bytes)).equals(bytes)).toBe(true);
    expect(agent.requests.some((each) => each.startsWith('POST'))).toBe(false);
  });

  test('is the same bytes again when the agent’s JSON knows text only', async () => {
    const bytes = randomBytes(200_000);
    agent.replaces = true;
    agent.write('stdout', bytes);
    expect(Buffer.concat((await pagesOf()).map((page) => page.bytes)).equals(bytes)).toBe(true);
    expect(agent.requests).toContain('POST /api/v1');
  });

  test('is still readable when bytes were replaced and nothing better can be had', async () => {
    agent.replaces = true;
    agent.knowsReadFile = false;
    agent.write('stdout', Buffer.from([0x61, 0xff, 0x62, 0x0a]));
    const pages = await pagesOf();
    expect(pages.map(({ text }) => text).join('')).toBe('a\ufffdb\n');
    expect(pages.at(-1)?.nextOffset).toBe(4);
  });

  test('can be gone on with where a reader stopped', async () => {
    agent.write('stdout', 'one\ntwo\n');
    const [page] = await pagesOf();
    agent.append('stdout', 'three\n');
    expect(await textOf({ from: { offset: page!.nextOffset } })).toBe('three\n');
    expect(await textOf({ from: { offset: 1_000 } })).toBe('');
  });

  test('is read from so many bytes before its end', async () => {
    agent.write('stdout', 'ab€cd');
    expect(await textOf({ from: { lastBytes: 2 } })).toBe('cd');
    expect(await textOf({ from: { lastBytes: 4 } })).toBe('cd');
    expect(await textOf({ from: { lastBytes: 5 } })).toBe('€cd');
    expect(await textOf({ from: { lastBytes: 0 } })).toBe('');
    expect(await textOf({ from: { lastBytes: 100 } })).toBe('ab€cd');
  });

  test('is read from so many lines before its end', async () => {
    agent.write('stdout', 'one\ntwo\nthree\n');
    expect(await textOf({ from: { lastLines: 1 } })).toBe('three\n');
    expect(await textOf({ from: { lastLines: 2 } })).toBe('two\nthree\n');
    expect(await textOf({ from: { lastLines: 3 } })).toBe('one\ntwo\nthree\n');
    expect(await textOf({ from: { lastLines: 9 } })).toBe('one\ntwo\nthree\n');
    expect(await textOf({ from: { lastLines: 0 } })).toBe('');
    agent.append('stdout', 'four');
    expect(await textOf({ from: { lastLines: 2 } })).toBe('three\nfour');
    const long = `${'x'.repeat(100_000)}\n`;
    agent.write('stdout', long.repeat(4));
    expect(await textOf({ from: { lastLines: 2 } })).toBe(long.repeat(2));
  });

  test('that does not exist is told as that', async () => {
    expect(await codeOf(textOf())).toBe('SANDBOX_NOT_FOUND');
    await expect(textOf()).rejects.toThrow('has no file /frameworks/F/executors/T/runs/latest/stdout');
  });
});

describe('an agent that does not serve files', () => {
  test('is not there', async () => {
    // A port that nobody is given.
    const agentUrl = { scheme: 'http', address: { ip: '127.0.0.1', port: 1 } };
    const size = logs.size({ ...agent.place, agentUrl });
    expect(await codeOf(size)).toBe('SANDBOX_UNREACHABLE');
  });

  test.each([
    [401, 'Unauthorized', 'SANDBOX_DENIED'],
    [403, '', 'SANDBOX_DENIED'],
    [500, 'oops', 'SANDBOX_REFUSED'],
  ])('answers %i', async (status, text, code) => {
    agent.answer = (_, response) => void response.writeHead(status).end(text);
    expect(await codeOf(textOf())).toBe(code);
  });

  test.each([
    '<html>',
    '[]',
    '7',
    '{"data":1,"offset":0}',
    '{"data":""}',
    `{"data":"${'x'.repeat(500_000)}","offset":0}`,
    '{"data":"","offset":-7}',
    '{"data":"","offset":1.5}',
    '{"data":"","offset":1e300}',
    '{"data":"elsewhere","offset":3}',
  ])('answers garbage (%#)', async (body) => {
    agent.answer = (_, response) => void response.writeHead(200).end(body);
    expect(await codeOf(textOf())).toBe('SANDBOX_GARBAGE');
  });

  test('gives more than it was asked for', async () => {
    const many = JSON.stringify({ read_file: { data: Buffer.alloc(65_537).toString('base64') } });
    const text = JSON.stringify({ data: '\ufffd', offset: 0 });
    agent.answer = ({ method }, response) => void response.end(method === 'POST' ? many : text);
    expect(await codeOf(textOf())).toBe('SANDBOX_GARBAGE');
  });

  test('never comes to the end of an answer', async () => {
    agent.answer = (_, response) => {
      const dripping = setInterval(() => response.write(' '), 5);
      response.once('close', () => clearInterval(dripping));
    };
    const asker = new HttpAsker({ answerTimeoutMs: 50 });
    const size = new SandboxFile(asker, agent.place, 'stdout').size();
    expect(await codeOf(size)).toBe('SANDBOX_UNREACHABLE');
    await expect(size).rejects.toThrow('has not come to its end within 200 ms');
    await asker.close();
  });

  test.each([{ lastBytes: 4096 }, { lastLines: 10 }, { offset: 0 }])(
    'tells sizes that no file has, and is asked no more than a few times (%o)',
    async (from) => {
      agent.answer = ({ url = '' }, response) => {
        const offset = Number(new URL(url, 'http://agent').searchParams.get('offset'));
        const isSize = offset < 0;
        const data = isSize ? '' : 'lastBytes' in from ? 'x' : '';
        response.end(JSON.stringify({ data, offset: isSize ? Number.MAX_SAFE_INTEGER : offset }));
      };
      await textOf({ from });
      expect(agent.requests.length).toBeLessThan(4);
    },
  );

  test('is shown the credentials, and they are never shown to anybody else', async () => {
    let shown: string | undefined;
    agent.answer = (request, response) => {
      shown = request.headers.authorization;
      response.writeHead(403).end(`you are ${shown}`);
    };
    const asker = new HttpAsker({ credentials: { principal: 'me', secret: 'hush' } });
    const reading = new SandboxFile(asker, agent.place, 'stdout').size();
    const message = await reading.catch((error: unknown) => String(error));
    expect(shown).toBe(`Basic ${Buffer.from('me:hush').toString('base64')}`);
    expect(message).toContain('you are ***');
    await asker.close();
  });

  test('is shown no credentials in clear when TLS is set up for the masters', async () => {
    const shown: unknown[] = [];
    agent.answer = (request, response) => {
      shown.push(request.headers.authorization);
      response.writeHead(200).end('{"data":"","offset":3}');
    };
    const asker = new HttpAsker({ credentials: { principal: 'me', secret: 'hush' }, tls: {} });
    await new SandboxFile(asker, agent.place, 'stdout').size();
    expect(shown).toEqual([undefined]);
    await asker.close();
  });
});

describe('a file that is followed', () => {
  test('is told as it grows, until its task has ended and nothing is left', async () => {
    const task = new AbortController();
    agent.write('stdout', 'one\n');
    const seen: string[] = [];
    for await (const page of logs.read(agent.place, { follow: true, ended: task.signal })) {
      seen.push(page.text);
      if (seen.length === 1) agent.append('stdout', 'two\n');
      if (seen.length === 2) {
        agent.append('stdout', 'three, the last words');
        task.abort();
      }
    }
    expect(seen).toEqual(['one\n', 'two\n', 'three, the last words']);
  });

  test('may appear late', async () => {
    const task = new AbortController();
    agent.before = () => {
      if (agent.requests.length === 4) agent.write('stdout', 'late\n');
      if (agent.requests.length === 8) task.abort();
    };
    expect(await textOf({ follow: true, ended: task.signal })).toBe('late\n');
  });

  test('that never appears before its task ends is told as missing', async () => {
    const task = new AbortController();
    agent.before = () => {
      if (agent.requests.length === 3) task.abort();
    };
    expect(await codeOf(textOf({ follow: true, ended: task.signal }))).toBe('SANDBOX_NOT_FOUND');
  });

  test('keeps the beginning of a character back until its end has come', async () => {
    const task = new AbortController();
    const euro = Buffer.from('€');
    agent.write('stdout', Buffer.concat([Buffer.from('a'), euro.subarray(0, 2)]));
    agent.before = () => {
      if (agent.requests.length === 4) agent.append('stdout', euro.subarray(2));
      if (agent.requests.length === 8) task.abort();
    };
    const pages = await pagesOf({ follow: true, ended: task.signal });
    expect(pages.map(({ text }) => text)).toEqual(['a', '€']);
  });

  test('tells half a character when nothing follows', async () => {
    agent.write('stdout', Buffer.from([0x61, 0xe2, 0x82]));
    const pages = await pagesOf({ follow: true, ended: AbortSignal.abort() });
    expect(Buffer.concat(pages.map(({ bytes }) => bytes))).toEqual(Buffer.from([0x61, 0xe2, 0x82]));
  });

  test('that is rotated is read again from its beginning', async () => {
    const task = new AbortController();
    agent.write('stdout', 'a long first life\n');
    const pages: LogPage[] = [];
    for await (const page of logs.read(agent.place, { follow: true, ended: task.signal })) {
      pages.push(page);
      if (pages.length === 1) agent.write('stdout', 'second\n');
      else task.abort();
    }
    expect(pages.map(({ text, offset, restarted }) => ({ text, offset, restarted }))).toEqual([
      { text: 'a long first life\n', offset: 0, restarted: false },
      { text: 'second\n', offset: 0, restarted: true },
    ]);
  });

  test('outlives a restart of its agent', async () => {
    const task = new AbortController();
    agent.write('stdout', 'before\n');
    const seen: string[] = [];
    let refusals = 0;
    for await (const page of logs.read(agent.place, { follow: true, ended: task.signal })) {
      seen.push(page.text);
      if (seen.length === 2) {
        task.abort();
        continue;
      }
      agent.goDown();
      const down = setInterval(() => {
        refusals += 1;
        if (refusals < 3) return;
        clearInterval(down);
        agent.append('stdout', 'after\n');
        agent.isDown = false;
      }, 5);
    }
    expect(seen).toEqual(['before\n', 'after\n']);
  });

  test('is given up when its agent stays away', async () => {
    agent.write('stdout', 'before\n');
    const impatient = new SandboxLogs(http, { firstPollMs: 1, longestPollMs: 5, unreachableMs: 200 });
    const reading = async () => {
      for await (const page of impatient.read(agent.place, { follow: true })) {
        expect(page.text).toBe('before\n');
        agent.goDown();
      }
    };
    expect(await codeOf(reading())).toBe('SANDBOX_UNREACHABLE');
  });

  test('is let go at once, and quietly, when nobody wants it any more', async () => {
    agent.write('stdout', 'x\n');
    const nobody = new AbortController();
    for await (const page of logs.read(agent.place, { follow: true, signal: nobody.signal })) {
      expect(page.text).toBe('x\n');
      nobody.abort();
    }
    const asked = agent.requests.length;
    await textOf({ follow: true, signal: AbortSignal.abort() });
    expect(agent.requests.length).toBe(asked);
  });

  test('is let go in the middle of a question', async () => {
    const nobody = new AbortController();
    agent.answer = () => nobody.abort();
    expect(await textOf({ follow: true, signal: nobody.signal })).toBe('');
  });

  test('can begin with its last lines', async () => {
    agent.write('stdout', 'one\ntwo\n');
    expect(await textOf({ follow: true, ended: AbortSignal.abort(), from: { lastLines: 1 } })).toBe('two\n');
  });

  test('ends when the asker is closed, and leaves no timer', async () => {
    const clock = new ManualClock();
    const slow = new SandboxLogs(http, { clock });
    agent.write('stdout', 'x\n');
    const pages = slow.read(agent.place, { follow: true });
    expect((await pages.next()).value).toMatchObject({ text: 'x\n' });
    const next = pages.next();
    await expect.poll(() => clock.pendingTimers).toBe(1);
    await http.close();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(clock.pendingTimers).toBe(0);
  });

  test('leaves no socket when the asker is closed', async () => {
    agent.write('stdout', 'x\n');
    await textOf();
    expect(await agent.connections).toBeGreaterThan(0);
    await http.close();
    await expect.poll(() => agent.connections).toBe(0);
  });
});

describe('the edges of characters', () => {
  test('any text that is cut anywhere is whole again without them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
        const whole = Buffer.from(text);
        const cut = at % (whole.length + 1);
        const head = whole.subarray(0, cut);
        const tail = whole.subarray(cut);
        const left = head.subarray(0, head.length - cutCharacter(head)).toString();
        const right = tail.subarray(restOfCharacter(tail)).toString();
        expect(text.startsWith(left)).toBe(true);
        expect(text.endsWith(right)).toBe(true);
        expect(cutCharacter(head) > 0).toBe(restOfCharacter(tail) > 0);
      }),
    );
  });

  test('any bytes lose three at most', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(cutCharacter(bytes)).toBeLessThanOrEqual(3);
        expect(restOfCharacter(bytes)).toBeLessThanOrEqual(3);
      }),
    );
  });
});
