/** What holds for every runtime: how it listens, what HTTP it takes, how logs end. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { ownPort } from '@vibrissa/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startRuntime, type RunningRuntime, type StartOptions } from './start-runtime.ts';

const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

const echo = {
  nodejs: 'function main(args) { console.log("out"); console.error("err"); return args; }',
  python: 'import sys\ndef main(args):\n  print("out")\n  print("err", file=sys.stderr)\n  return args',
  actionloop: '#!/bin/sh\necho out\necho err >&2\necho "$1"\n',
} as const;

const flood = {
  nodejs:
    'function main() { for (let i = 0; i < 20000; i++) console.log("line " + i); return { done: true }; }',
  python: 'def main(args):\n  for i in range(20000): print("line", i)\n  return {"done": True}',
  actionloop:
    '#!/bin/sh\ni=0\nwhile [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done\necho \'{"done":true}\'\n',
} as const;

const unfinishedLine = {
  nodejs: 'function main() { process.stdout.write("no newline"); return {}; }',
  python: 'def main(args):\n  print("no newline", end="")\n  return {}',
  actionloop: '#!/bin/sh\nprintf "no newline" >&2\necho "{}"\n',
} as const;

const forge = {
  nodejs: `function main() { console.log("${SENTINEL}"); console.log("${SENTINEL} guess"); console.log("after"); return {}; }`,
  python: `def main(args):\n  print("${SENTINEL}")\n  print("${SENTINEL} guess")\n  print("after")\n  return {}`,
  actionloop: `#!/bin/sh\necho ${SENTINEL}\necho ${SENTINEL} guess\necho after\necho '{}'\n`,
} as const;

const environment = {
  nodejs:
    'function main() { return { names: Object.keys(process.env), activation: process.env.__OW_ACTIVATION_ID, given: process.env.GIVEN }; }',
  python:
    'import os\ndef main(args):\n  return {"names": list(os.environ), "activation": os.environ.get("__OW_ACTIVATION_ID"), "given": os.environ.get("GIVEN")}',
  actionloop:
    '#!/bin/bash\nnames=$(compgen -e | sed \'s/.*/"&"/\' | paste -sd,)\necho "{\\"names\\":[$names],\\"activation\\":\\"$__OW_ACTIVATION_ID\\",\\"given\\":\\"$GIVEN\\"}"\n',
} as const;

const lengthOf = {
  nodejs: 'function main({ text }) { return { length: text.length, text } }',
  python: 'def main(args): return {"length": len(args["text"]), "text": args["text"]}',
  actionloop: `#!/bin/sh\nsed -E 's/^\\{/{"length":20971520,/'\n`,
} as const;

const callApi = {
  nodejs: `const http = require('http');
    exports.main = () => new Promise((resolve, reject) => http.get(process.env.__OW_API_HOST + '/ping', (answer) => {
      let text = '';
      answer.on('data', (piece) => (text += piece)).on('end', () => resolve({ text }));
    }).on('error', reject));`,
  python:
    'import os, urllib.request\ndef main(args):\n  return {"text": urllib.request.urlopen(os.environ["__OW_API_HOST"] + "/ping").read().decode()}',
  actionloop: '#!/bin/sh\necho "{\\"text\\":\\"$(curl -s $__OW_API_HOST/ping)\\"}"\n',
} as const;

describe.each(['nodejs', 'python', 'actionloop'] as const)('the %s runtime', (kind) => {
  let runtime: RunningRuntime | undefined;
  let api: Server | undefined;

  async function start(options?: StartOptions): Promise<RunningRuntime> {
    runtime = await startRuntime(kind, options);
    return runtime;
  }

  afterEach(async () => {
    await runtime?.stop();
    runtime = undefined;
    api?.close();
    api = undefined;
  });

  it.each(['descriptor', 'socket', 'port'] as const)('serves an action over a %s', async (via) => {
    const running = await start({ via });
    expect((await running.init(echo[kind])).status).toBe(200);
    expect(await running.run({ name: 'x' })).toMatchObject({ status: 200, json: { name: 'x' } });
    expect(await running.run({ name: 'y' })).toMatchObject({ status: 200, json: { name: 'y' } });
  });

  it('takes an array for an argument and answers it', async () => {
    const running = await start();
    await running.init(echo[kind]);
    expect((await running.run([1, { a: 'ö' }])).json).toEqual([1, { a: 'ö' }]);
  });

  it('takes __proto__ as data', async () => {
    const running = await start();
    await running.init(echo[kind]);
    const answer = await running.post('/run', '{"value":{"__proto__":{"polluted":1},"constructor":2}}');
    expect(JSON.parse(answer.body)).toEqual(JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'));
  });

  it('is initialised once only', async () => {
    const running = await start();
    await running.init(echo[kind]);
    const second = await running.init(forge[kind]);
    expect(second).toMatchObject({
      status: 403,
      json: { error: 'Cannot initialize the action more than once.' },
    });
    expect((await running.run({ still: 'the first' })).json).toEqual({ still: 'the first' });
  });

  it('ends the logs of a request with its token, on both streams, before it answers', async () => {
    const running = await start();
    await running.init(echo[kind]);
    await running.post('/run', { value: {} }, { 'X-Vibrissa-Sentinel': 'abc123' });
    await running.logsContain(`${SENTINEL} abc123\n`);
    expect(running.stdout).toBe(`out\n${SENTINEL} abc123\n`);
    expect(running.stderr).toBe(`err\n${SENTINEL} abc123\n`);
  });

  it('ends logs with the plain sentinel when it gets no token', async () => {
    const running = await start();
    await running.init(echo[kind]);
    await running.run();
    await running.logsContain(`${SENTINEL}\n`);
    expect(running.stdout).toBe(`out\n${SENTINEL}\n`);
  });

  it('ends the logs of an initialisation too, when it gets a token', async () => {
    const running = await start();
    await running.post(
      '/init',
      { value: { main: 'main', code: echo[kind], binary: false } },
      { 'X-Vibrissa-Sentinel': 'init1' },
    );
    await running.logsContain(`${SENTINEL} init1\n`);
    expect(running.stdout).toBe(`${SENTINEL} init1\n`);
  });

  it('has written a flood of logs, all of it, before the sentinel', async () => {
    const running = await start();
    await running.init(flood[kind]);
    const answer = await running.post('/run', {}, { 'X-Vibrissa-Sentinel': 'flooded' });
    expect(answer.json).toEqual({ done: true });
    await running.logsContain(`${SENTINEL} flooded\n`);
    const lines = running.stdout.split('\n');
    expect(lines.length).toBe(20_002);
    expect(lines[0]).toBe('line 0');
    expect(lines.at(-3)).toBe('line 19999');
    expect(lines.at(-2)).toBe(`${SENTINEL} flooded`);
  });

  it('begins a line for the sentinel', async () => {
    const running = await start();
    await running.init(unfinishedLine[kind]);
    await running.post('/run', {}, { 'X-Vibrissa-Sentinel': 'own-line' });
    await running.logsContain(`${SENTINEL} own-line\n`);
    const log = kind === 'actionloop' ? running.stderr : running.stdout;
    expect(log).toBe(`no newline\n${SENTINEL} own-line\n`);
  });

  it('lets code print sentinels, which lack the token', async () => {
    const running = await start();
    await running.init(forge[kind]);
    await running.post('/run', {}, { 'X-Vibrissa-Sentinel': 'secret' });
    await running.logsContain(`${SENTINEL} secret\n`);
    expect(running.stdout).toBe(`${SENTINEL}\n${SENTINEL} guess\nafter\n${SENTINEL} secret\n`);
  });

  it('shows code its activation and its init parameters, and nothing of how it is reached', async () => {
    const running = await start({
      env: { __OW_API_HOST: 'http://127.0.0.1:9', __OW_API_SOCKET: '/nowhere' },
    });
    await running.init(environment[kind], { env: { GIVEN: 'a value', __OW_ACTION_NAME: '/guest/test' } });
    const answer = await running.post(
      '/run',
      { value: {}, activation_id: 'id-1', namespace: 'guest', deadline: '1' },
      { 'X-Vibrissa-Sentinel': 'hidden' },
    );
    const result = answer.json as { names: string[]; activation: string; given: string };
    expect(result).toMatchObject({ activation: 'id-1', given: 'a value' });
    expect(result.names).toEqual(
      expect.arrayContaining(['__OW_API_HOST', '__OW_ACTION_NAME', '__OW_NAMESPACE', '__OW_DEADLINE']),
    );
    for (const name of ['LISTEN_FD', 'LISTEN_SOCKET', 'PORT', 'API_SOCKET', 'ACTION_DIR']) {
      expect(result.names).not.toContain(`__OW_${name}`);
    }
    expect(answer.body).not.toContain('hidden');
  });

  it('shows each call its own activation', async () => {
    const running = await start();
    await running.init(environment[kind]);
    const ids: unknown[] = [];
    for (const id of ['a', 'b', 'b', 'c']) {
      ids.push(((await running.run({}, { activation_id: id })).json as { activation: string }).activation);
    }
    expect(ids).toEqual(['a', 'b', 'b', 'c']);
  });

  it('forwards the loopback address of the API to the platform’s socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'api-'));
    const socket = join(directory, 'api.sock');
    api = createServer((incoming, outgoing) => outgoing.end(`you asked ${incoming.url ?? ''}`)).listen(
      socket,
    );
    await once(api, 'listening');
    const port = await ownPort();
    const running = await start({
      env: { __OW_API_HOST: `http://127.0.0.1:${port}`, __OW_API_SOCKET: socket },
    });
    expect((await running.init(callApi[kind])).status).toBe(200);
    expect((await running.run()).json).toEqual({ text: 'you asked /ping' });
    expect((await running.run()).json).toEqual({ text: 'you asked /ping' });
    rmSync(directory, { recursive: true });
  });

  describe('as an HTTP server', () => {
    const refused = /^HTTP\/1\.1 500 Internal Server Error\r\n[\s\S]*\{"error":"Bad request\."\}$/;

    it.each([
      ['what isn’t HTTP', 'hello\r\n\r\n'],
      ['bytes at random', Buffer.from([0xff, 0x00, 0x80, 0x0d, 0x0a, 0x0d, 0x0a])],
      ['another version', 'POST /run HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}'],
      ['two spaces in the request line', 'POST  /run HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}'],
      ['a header without a colon', 'POST /run HTTP/1.1\r\nHost\r\n\r\n'],
      ['a space before the colon', 'POST /run HTTP/1.1\r\nContent-Length : 2\r\n\r\n{}'],
      ['a folded header', 'POST /run HTTP/1.1\r\nA: b\r\n c\r\n\r\n'],
      ['a bare LF', 'POST /run HTTP/1.1\r\nA: b\nContent-Length: 2\r\n\r\n{}'],
      ['a bare CR', 'POST /run HTTP/1.1\r\nA: b\rc\r\n\r\n'],
      ['a NUL', 'POST /run HTTP/1.1\r\nA: b\0c\r\n\r\n'],
      ['two lengths', 'POST /run HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}'],
      ['a list of lengths', 'POST /run HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\n{}'],
      ['a signed length', 'POST /run HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}'],
      ['a hexadecimal length', 'POST /run HTTP/1.1\r\nContent-Length: 0x2\r\n\r\n{}'],
      ['an empty length', 'POST /run HTTP/1.1\r\nContent-Length:\r\n\r\n{}'],
      ['a transfer encoding', 'POST /run HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
      [
        'a length and a transfer encoding',
        'POST /run HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
      ],
      ['two sentinels', 'POST /run HTTP/1.1\r\nX-Vibrissa-Sentinel: a\r\nX-Vibrissa-Sentinel: b\r\n\r\n'],
      ['an endless header', `POST /run HTTP/1.1\r\nA: ${'b'.repeat(100_000)}`],
      ['a flood of headers', `POST /run HTTP/1.1\r\n${'A: b\r\n'.repeat(20_000)}\r\n`],
      ['a body of more than 48 MB', `POST /run HTTP/1.1\r\nContent-Length: ${48 * 1024 * 1024 + 1}\r\n\r\n`],
    ])('refuses %s, and ends the connection', async (_, bytes) => {
      const running = await start();
      const answer = await running.raw(bytes);
      expect(answer).toMatch(refused);
      expect(answer).toContain('Connection: close');
      expect((await running.init(echo[kind])).status).toBe(200);
    });

    it('answers a method or a path that it doesn’t serve, and goes on', async () => {
      const running = await start();
      const answer = await running.raw(
        'GET /run HTTP/1.1\r\n\r\nPOST /nowhere HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
      );
      expect(answer.match(/500 Internal Server Error/g)).toHaveLength(2);
      expect(answer.match(/\{"error":"Bad request\."\}/g)).toHaveLength(2);
    });

    it('answers pipelined requests one after another', async () => {
      const running = await start();
      await running.init(echo[kind]);
      const one = (n: number, more = ''): string => {
        const body = `{"value":{"n":${n}}}`;
        return `POST /run HTTP/1.1\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
      };
      const answer = await running.raw(one(1) + one(2) + one(3, 'Connection: close\r\n') + one(4));
      expect(answer.match(/\{"n":\d\}/g)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
    });

    it('takes a request in single bytes', async () => {
      const running = await start();
      await running.init(echo[kind]);
      const body = '{"value":{"n":1}}';
      const text = `POST /run HTTP/1.1\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
      const socket = connect(join(running.directory, 'container.sock'));
      let answer = '';
      socket.on('data', (bytes) => (answer += bytes.toString()));
      for (const character of text) {
        socket.write(character);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await once(socket, 'close');
      expect(answer).toContain('{"n":1}');
    });

    it('asks for the body of a client that waits to be asked', async () => {
      const running = await start();
      await running.init(echo[kind]);
      const body = '{"value":{"n":1}}';
      const socket = connect(join(running.directory, 'container.sock'));
      let answer = '';
      socket.on('data', (bytes) => {
        if (answer === '') socket.write(body);
        answer += bytes.toString();
      });
      socket.write(
        `POST /run HTTP/1.1\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
      );
      await once(socket, 'close');
      expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    });

    it('takes a body of 20 MB and answers it', async () => {
      const running = await start();
      await running.init(lengthOf[kind]);
      const text = 'x'.repeat(20 * 1024 * 1024);
      expect((await running.run({ text })).json).toEqual({ length: text.length, text });
    });

    it('survives clients that leave in the middle', async () => {
      const running = await start();
      await running.init(echo[kind]);
      for (const part of ['POST /r', 'POST /run HTTP/1.1\r\nContent-Length: 99\r\n\r\n{"val']) {
        const socket = connect(join(running.directory, 'container.sock'));
        socket.end(part);
        await once(socket.resume(), 'close');
      }
      expect((await running.run({ n: 1 })).json).toEqual({ n: 1 });
    });
  });
});

describe('a listener that code could reach', () => {
  it.each([
    [
      'nodejs',
      `function main() { return { fds: require('child_process').execSync('ls -l /proc/self/fd').toString() }; }`,
    ],
    [
      'python',
      'import subprocess\ndef main(args):\n  return {"fds": subprocess.run("ls -l /proc/self/fd", shell=True, close_fds=False, capture_output=True, text=True).stdout}',
    ],
    ['actionloop', '#!/bin/sh\necho "{\\"fds\\":\\"$(ls -l /proc/self/fd | tr \'\\n\' \' \')\\"}"\n'],
  ] as const)('isn’t inherited by what an action of %s starts', async (kind, code) => {
    const running = await startRuntime(kind);
    await running.init(code);
    const { fds } = (await running.run()).json as { fds: string };
    const listening = fds.match(/ 3 -> socket/g);
    await running.stop();
    expect(fds).toContain('1 ->');
    expect(listening).toBeNull();
  });
});
