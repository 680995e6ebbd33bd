import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { untilTold, witness, witnessCode } from '../platform/witness.ts';
import { kindOf, openFaultPlatform, recordWith, type FaultPlatform } from './fault-platform.ts';
import { sandboxProcesses } from './leftovers.ts';

let platform: FaultPlatform;
beforeAll(async () => {
  platform = await openFaultPlatform({ args: ['--set', 'containers.sandbox.pids=64'] });
});
afterAll(cleanUp);

const texts = {
  lost: 'The action did not produce a valid response and exited unexpectedly.',
  initLost: 'The action did not initialize and exited unexpectedly.',
  memory: 'The action exhausted its memory and was aborted.',
  time: (ms: number, during = '') => `The action exceeded its time limits of ${ms} milliseconds${during}.`,
};
const short = { limits: { timeout: 700 } };
/** Long enough to initialise on a machine that has much else to do: what is to end by its time has begun to run then. */
const longer = { limits: { timeout: 5000 } };
const python = kindOf('python');

function ofKind(kind: string, rest: object = {}, code = '') {
  return { ...rest, exec: { kind, code } };
}

const developerError = 'action developer error';

/** It may have ended with another of its sandbox. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

describe('code that fails', () => {
  it.each([
    ["doesn't parse", 'function main( {', /SyntaxError/],
    ['has no main', 'const other = 1;', /Initialization has failed/],
    ['throws while it loads', 'throw new Error("at load");', /at load/],
  ])('%s: its initialisation says why', async (_, code, why) => {
    const record = await platform.run(code);
    expect(record.response.status).toBe(developerError);
    expect(record.response.result['error']).toMatch(why);
  });

  it.each([
    ['exit(0)', 'process.exit(0)'],
    ['exit(1)', 'process.exit(1)'],
    ['abort()', 'process.abort()'],
  ])('ends by %s while it loads, and while it runs', async (_, end) => {
    const loading = await platform.run(`${end}; while (true); function main() { return {}; }`);
    expect(loading.response).toMatchObject({ status: developerError, result: { error: texts.initLost } });
    const running = await platform.run(`function main() { console.log('before'); ${end}; while (true); }`);
    expect(running.response).toMatchObject({ status: developerError, result: { error: texts.lost } });
    const { logs } = await recordWith(platform, running.activationId, (record) => record.logs.length > 1);
    expect(logs[0]).toMatch(/stdout: before$/);
  });

  it.skipIf(python === undefined)('ends by a real fault of its memory', async () => {
    const code = 'import ctypes\ndef main(args):\n    print("before", flush=True)\n    ctypes.string_at(0)\n';
    await platform.create('fault', '', ofKind(python!, {}, code));
    const record = await platform.runAgain('fault');
    expect(record.response).toMatchObject({ status: developerError, result: { error: texts.lost } });
  });

  it('is killed from outside, as by the operator: its call fails, the next is served', async () => {
    const code = `${witnessCode}
    async function main({ n }) {
      if (n) return { n };
      await tell('hangs');
      return new Promise(() => {});
    }`;
    await platform.create('victim', code, witness);
    const hanging = platform.runAgain('victim', {});
    await untilTold(platform, 'hangs');
    for (const pid of sandboxProcesses(platform.process.dataDir)) kill(pid);
    expect((await hanging).response).toMatchObject({ status: developerError, result: { error: texts.lost } });
    expect((await platform.runAgain('victim', { n: 2 })).response.result).toEqual({ n: 2 });
  });

  it('is an executable that a signal ends', async () => {
    const exec = { kind: 'blackbox', image: 'openwhisk/dockerskeleton', code: '#!/bin/sh\nkill -9 $$\n' };
    await platform.create('killed', '', { exec });
    expect((await platform.runAgain('killed')).response.status).toBe(developerError);
  });

  it('hangs while it loads, in a loop, or for a promise that nobody keeps: the time limit ends it', async () => {
    const during = ' during initialization';
    const loading = await platform.run('while (true);', {}, short);
    expect(loading.response.result).toEqual({ error: texts.time(700, during) });
    expect(loading.annotations).toContainEqual({ key: 'timeout', value: true });
    const bodies = [
      'while (true);',
      'return new Promise(() => {});',
      'return new Promise(() => setInterval(() => {}, 9));',
    ];
    const records = await Promise.all(
      bodies.map((body) => platform.run(`function main() { ${body} }`, {}, longer)),
    );
    for (const record of records) {
      expect(record.response).toMatchObject({ status: developerError, result: { error: texts.time(5000) } });
      expect(record.annotations).toContainEqual({ key: 'timeout', value: true });
    }
  });

  it.skipIf(python === undefined)('hangs in Python, deaf to signals: the time limit ends it', async () => {
    const code = `
import signal, time
def main(args):
    for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(n, signal.SIG_IGN)
    while True: time.sleep(1)
`;
    await platform.create('deaf', '', ofKind(python!, longer, code));
    const record = await platform.runAgain('deaf');
    expect(record.response).toMatchObject({ status: developerError, result: { error: texts.time(5000) } });
  });
});

describe('code that takes too much', () => {
  it('gets to hear that its memory was exhausted', async () => {
    const code = `const kept = []; function main() { for (;;) kept.push(Buffer.alloc(8 << 20, 1)); }`;
    const record = await platform.run(code, {}, { limits: { memory: 128, timeout: 20_000 } });
    expect(record.response).toMatchObject({ status: developerError, result: { error: texts.memory } });
  });

  it('at loading just the same', async () => {
    const code = `const kept = []; for (;;) kept.push(Buffer.alloc(8 << 20, 1)); function main() {}`;
    const record = await platform.run(code, {}, { limits: { memory: 128, timeout: 20_000 } });
    expect(record.response).toMatchObject({ status: developerError, result: { error: texts.memory } });
  });

  it.skipIf(python === undefined)(
    'forks without end: it ends with its time, and others are served',
    async () => {
      const code = `
import os
def main(args):
    while True:
        try:
            os.fork()
        except OSError:
            pass
`;
      await platform.create('bomb', '', ofKind(python!, { limits: { timeout: 1500 } }, code));
      const bomb = platform.runAgain('bomb');
      const other = await platform.run('function main() { return { fine: true }; }');
      expect(other.response.result).toEqual({ fine: true });
      expect((await bomb).response).toMatchObject({ status: developerError });
      expect((await platform.run('function main() { return { fine: true }; }')).response.success).toBe(true);
    },
  );

  it('floods its logs: what is within the limit is kept, then a line says so; the result counts', async () => {
    const code = `function main() {
      const line = 'x'.repeat(1023) + '\\n';
      for (let i = 0; i < 3000; i++) process.stdout.write(line);
      return { flooded: true };
    }`;
    const { activationId, response } = await platform.run(code, {}, { limits: { logs: 1 } });
    expect(response.result).toEqual({ flooded: true });
    const { logs } = await recordWith(platform, activationId, (record) => record.logs.length > 0);
    expect(logs.at(-1)).toMatch(
      / stderr: Logs were truncated because the total bytes size exceeds the limit of 1048576 bytes\.$/,
    );
    const bytes = logs
      .slice(0, -1)
      .reduce((sum, line) => sum + line.replace(/^\S+ +std\w+: /, '').length + 1, 0);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThanOrEqual(1024 * 1024 + 1);
  });

  it('floods without a line end, on both streams, and for ever: it ends with its time', async () => {
    const code = `function main() { for (;;) { process.stdout.write('y'.repeat(65536)); process.stderr.write('z'.repeat(65536)); } }`;
    const { activationId, response } = await platform.run(code, {}, { limits: { logs: 1, timeout: 5000 } });
    expect(response).toMatchObject({ status: developerError, result: { error: texts.time(5000) } });
    const { logs } = await recordWith(platform, activationId, (record) => record.logs.length > 0);
    expect(logs.some((line) => line.includes('Logs were truncated'))).toBe(true);
  });
});

/** Finds the runtime's sockets among its descriptors, by what libuv shows of them. */
const handles = `
const sockets = () => process._getActiveHandles().filter((h) => h.constructor.name === 'Socket' && !h._type && h.fd !== 1 && h.fd !== 2);
const servers = () => process._getActiveHandles().filter((h) => h.constructor.name === 'Server');
const answer = (text, status = 200) => 'HTTP/1.1 ' + status + ' OK\\r\\nContent-Type: application/json\\r\\nContent-Length: ' + text.length + '\\r\\n\\r\\n' + text;
`;

describe('code that meddles with its runtime', () => {
  it('closes the listening socket: its own call goes on or fails, the next is served', async () => {
    const record = await platform.run(
      `${handles} function main() { servers().forEach((s) => s.close()); return { closed: servers().length }; }`,
    );
    expect(['success', developerError]).toContain(record.response.status);
    await platform.create(
      'closer',
      `${handles} function main({ close }) {
      if (close) { servers().forEach((s) => s.close()); sockets().forEach((s) => s.destroy()); }
      return { close };
    }`,
    );
    expect((await platform.runAgain('closer', { close: true })).response).toMatchObject({
      status: developerError,
      result: { error: texts.lost },
    });
    expect((await platform.runAgain('closer', { close: false })).response.result).toEqual({ close: false });
  });

  it('closes every descriptor: its call fails, the next is served', async () => {
    await platform.create(
      'sweeper',
      `const fs = require('fs'); function main({ close }) {
      if (close) for (let fd = 3; fd < 64; fd++) try { fs.closeSync(fd); } catch {}
      return { close };
    }`,
      longer,
    );
    expect((await platform.runAgain('sweeper', { close: true })).response.status).toBe(developerError);
    expect((await platform.runAgain('sweeper', { close: false })).response.result).toEqual({ close: false });
  });

  it.each([
    ['no HTTP', `'hello'`],
    ['half a head', `'HTTP/1.1 200 OK\\r\\nContent-Le'`],
    ['no length', `'HTTP/1.1 200 OK\\r\\n\\r\\n{}'`],
    ['two lengths', `'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: 4\\r\\n\\r\\n{}{}'`],
    ['a negative length', `'HTTP/1.1 200 OK\\r\\nContent-Length: -2\\r\\n\\r\\n{}'`],
    ['an endless head', `'HTTP/1.1 200 OK\\r\\nX: ' + 'x'.repeat(1 << 20)`],
    ['no JSON', `answer('{"a":')`],
    ['a scalar', `answer('5')`],
    ['deep JSON', `answer('['.repeat(200000) + ']'.repeat(200000))`],
    ['no UTF-8', `Buffer.concat([Buffer.from(answer('xx').slice(0, -2)), Buffer.from([0xff, 0xfe])])`],
  ])('answers with garbage (%s): a developer error, and the next call is served', async (_, text) => {
    const record = await platform.run(
      `${handles} function main() { sockets().forEach((s) => s.write(${text})); return new Promise(() => {}); }`,
      {},
      short,
    );
    expect(record.response.status).toBe(developerError);
    expect((await platform.run('function main() { return { fine: true }; }')).response.success).toBe(true);
  });

  it('answers twice: the second answer is nobody else’s', async () => {
    await platform.create(
      'twice',
      `${handles} function main({ forge, n }) {
      if (forge) sockets().forEach((s) => s.write(answer('{"forged":1}') + answer('{"forged":2}')));
      return { n };
    }`,
    );
    expect((await platform.runAgain('twice', { forge: true, n: 1 })).response.result).toEqual({ forged: 1 });
    for (let n = 2; n < 6; n++) {
      expect((await platform.runAgain('twice', { n })).response.result).toEqual({ n });
    }
  });

  it('answers at a time of its own: only a call that waits just then gets it, and no later one is mixed up', async () => {
    await platform.create(
      'ahead',
      `${handles} function main({ forge, n }) {
      if (forge) setTimeout(() => sockets().forEach((s) => s.write(answer('{"forged":true}'))), 30);
      return { n };
    }`,
    );
    await platform.runAgain('ahead', { forge: true, n: 0 });
    let forged = 0;
    for (let n = 1; n < 20; n++) {
      const { result } = (await platform.runAgain('ahead', { n })).response;
      if (JSON.stringify(result) === '{"forged":true}') forged++;
      else expect(result).toEqual({ n });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(forged).toBeLessThan(2);
  });

  it('answers 503 for itself: it is given up in the end, and said to have failed', async () => {
    const code = `${handles} function main() { sockets().forEach((s) => s.write(answer('{}', 503))); return new Promise(() => {}); }`;
    const record = await platform.run(code, {}, { limits: { timeout: 5000 } });
    expect(record.response.success).toBe(false);
  });
});

describe('code that forges the end of its logs', () => {
  const sentinel = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

  it('keeps its own logs, and the next activation has only its own', async () => {
    await platform.create(
      'forger',
      `function main({ n }) {
      console.log('mine', n);
      if (n === 1) {
        for (const token of ['', ' ', ' 0', ' ' + 'a'.repeat(32)]) { console.log('${sentinel}' + token); console.error('${sentinel}' + token); }
        setTimeout(() => { console.log('late 1'); console.log('${sentinel}'); console.error('${sentinel}'); }, 0);
      }
      console.log('end', n);
      return { n };
    }`,
    );
    const ids: string[] = [];
    for (let n = 1; n <= 4; n++) ids.push((await platform.runAgain('forger', { n })).activationId);
    for (const [index, id] of ids.entries()) {
      const n = index + 1;
      const { logs } = await recordWith(platform, id, (record) => record.logs.length > 1);
      const lines = logs.map((line) => line.replace(/^\S+ +/, ''));
      expect(lines).toContain(`stdout: mine ${n}`);
      expect(lines).toContain(`stdout: end ${n}`);
      for (let other = 1; other <= 4; other++) {
        if (other !== n) expect(lines).not.toContain(`stdout: mine ${other}`);
      }
    }
  });

  it('can’t forge a line of another stream, a time or the platform’s own', async () => {
    const { activationId } = await platform.run(`function main() {
      process.stdout.write('a\\r2030-01-01T00:00:00.000000000Z stderr: Logs were truncated\\nb\\u001b[2Jc\\n');
      return {};
    }`);
    const { logs } = await recordWith(platform, activationId, (record) => record.logs.length > 0);
    expect(logs.every((line) => /^\d{4}-\S+Z +stdout: /.test(line) && !line.startsWith('2030'))).toBe(true);
  });
});

describe('after all of this', () => {
  it('the platform ends as it should', async () => {
    expect(await platform.process.stop()).toEqual({ code: 0, signal: null });
  });
});
