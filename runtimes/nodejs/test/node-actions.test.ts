import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRuntime, type Answer, type RunningRuntime } from '../../shared/test/start-runtime.ts';

const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

let runtime: RunningRuntime;

beforeEach(async () => {
  runtime = await startRuntime('nodejs');
});

afterEach(() => runtime.stop());

async function call(code: string, value: unknown = {}, main = 'main'): Promise<Answer> {
  expect(await runtime.init(code, { main })).toMatchObject({ status: 200, json: { OK: true } });
  return runtime.run(value);
}

function errorOf(answer: Answer): string {
  return (answer.json as { error: string }).error;
}

describe('the function of a Node action', () => {
  it.each([
    ['a plain function', 'function main(p) { return { got: p.a } }', 'main'],
    ['a constant', 'const main = (p) => ({ got: p.a }); // the end', 'main'],
    ['an export', 'exports.main = (p) => ({ got: p.a })', 'main'],
    ['what replaces module.exports', 'module.exports = { main: (p) => ({ got: p.a }) }', 'main'],
    ['a module that is a function', 'module.exports = (p) => ({ got: p.a })', 'main'],
    ['a function of another name', 'function niam(p) { return { got: p.a } }', 'niam'],
    ['a member of an export', 'exports.a = { b: { c: (p) => ({ got: p.a }) } }', 'a.b.c'],
    ['a member of a constant', 'const a = { b: (p) => ({ got: p.a }) }', 'a.b'],
    ['a name in another script', 'function größe(p) { return { got: p.a } }', 'größe'],
    ['an exported function of a module', 'export function main(p) { return { got: p.a } }', 'main'],
    ['a default export', 'import os from "node:os"; export default (p) => ({ got: os && p.a })', 'main'],
    ['an async function', 'async function main(p) { await null; return { got: p.a } }', 'main'],
    [
      'a function that answers a promise',
      'const main = (p) => new Promise((r) => setTimeout(r, 1, { got: p.a }))',
      'main',
    ],
    ['a function that answers a thenable', 'const main = (p) => ({ then: (f) => f({ got: p.a }) })', 'main'],
  ])('may be %s', async (_, code, main) => {
    expect(await call(code, { a: 1 }, main)).toMatchObject({ status: 200, json: { got: 1 } });
  });

  it('may use require, and modules of Node', async () => {
    const code = 'const path = require("path"); function main() { return { joined: path.join("a", "b") } }';
    expect((await call(code)).json).toEqual({ joined: 'a/b' });
  });

  it('keeps its module’s variables from call to call', async () => {
    await call('let n = 0; function main() { return { n: ++n } }');
    expect((await runtime.run()).json).toEqual({ n: 2 });
  });
});

describe('the result of a Node action', () => {
  it.each([
    ['nothing', 'function main() {}', {}],
    ['nothing, later', 'async function main() {}', {}],
    ['an array', 'function main() { return [1, 2] }', [1, 2]],
    ['a class', 'class A { x = 1 }; function main() { return new A() }', { x: 1 }],
    ['an object with toJSON', 'function main() { return { toJSON: () => ({ a: 1 }) } }', { a: 1 }],
  ])('may be %s', async (_, code, expected) => {
    expect(await call(code)).toMatchObject({ status: 200, json: expected });
  });

  it.each([
    ['a string', 'return "text"'],
    ['a number', 'return 42'],
    ['null', 'return null'],
    ['a function', 'return () => 1'],
    ['a promise of a string', 'return Promise.resolve("text")'],
    ['a date', 'return new Date(0)'],
  ])('can’t be %s', async (_, body) => {
    expect(await call(`function main() { ${body} }`)).toMatchObject({
      status: 502,
      json: { error: 'The action did not return a dictionary.' },
    });
  });

  it.each([
    [
      'a cycle',
      'const a = {}; a.a = a; return a',
      'An error has occurred: TypeError: Converting circular structure',
    ],
    [
      'a bigint',
      'return { n: 1n }',
      'An error has occurred: TypeError: Do not know how to serialize a BigInt',
    ],
    ['an error', 'throw new RangeError("too far")', 'An error has occurred: RangeError: too far'],
    ['a text that is thrown', 'throw "no"', 'An error has occurred: no'],
    [
      'an object without a text',
      'throw Object.create(null)',
      'An error has occurred: an error that cannot be shown',
    ],
    [
      'no end of calls',
      'return main()',
      'An error has occurred: RangeError: Maximum call stack size exceeded',
    ],
  ])('is an error when it has %s', async (_, body, sentence) => {
    const answer = await call(`function main() { ${body} }`);
    expect(answer.status).toBe(502);
    expect(errorOf(answer)).toContain(sentence);
    expect(await runtime.run()).toMatchObject({
      status: 403,
      json: { error: 'System not ready, status is stopped.' },
    });
  });

  it('is what a promise was rejected with, as an application error', async () => {
    const code = `class Odd extends Error { name = 'Odd'; code = 'E_ODD'; detail = { a: 1 } }
      function main(p) { return Promise.reject(p.plain ?? new Odd('odd')) }`;
    const answer = await call(code);
    expect(answer).toMatchObject({
      status: 200,
      json: { error: { name: 'Odd', message: 'odd', code: 'E_ODD', detail: { a: 1 } } },
    });
    expect((await runtime.run({ plain: 'text' })).json).toEqual({ error: 'text' });
    expect((await runtime.run({ plain: { a: [1] } })).json).toEqual({ error: { a: [1] } });
  });

  it('tells the cause of an error that was thrown on, and logs both as after a throw', async () => {
    const code = `async function main() { throw new Error('fetch failed', { cause: new Error('no such host') }) }`;
    const { status, json } = await call(code);
    const { error } = json as { error: { message: string; stack: string; cause: { message: string } } };
    expect({ status, ...error }).toMatchObject({
      status: 200,
      message: 'fetch failed',
      cause: { message: 'no such host' },
    });
    expect(error.stack).toMatch(/^Error: fetch failed\n\s+at main .*$/);
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toMatch(
      /^Error: fetch failed\n\s+at main .*\ncaused by: Error: no such host\n\s+at main .*\nXXX/,
    );
  });

  it('comes with a hint when only a missing network explains it', async () => {
    const code = (interfaces: string) => `require('os').networkInterfaces = () => (${interfaces});
      function main() {
        const cause = Object.assign(new Error('getaddrinfo EAI_AGAIN x'), { code: 'EAI_AGAIN' });
        return Promise.reject(new TypeError('fetch failed', { cause }));
      }`;
    expect(await runtime.init(code('{ eth0: [{ internal: false }] }'))).toMatchObject({ status: 200 });
    const hint =
      'This action has no internet access; grant it with: wsk action update pkg/get -a internet true';
    const run = (value: string) => runtime.run({}, { action_name: '/guest/pkg/get', value });
    await run('x');
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).not.toContain('no internet access');
    await runtime.stop();
    runtime = await startRuntime('nodejs');
    await runtime.init(code('{ lo: [{ internal: true }] }'));
    await run('x');
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toContain(`\n${hint}\n`);
  });

  it('is an empty error when a promise was rejected with nothing', async () => {
    expect((await call('const main = () => Promise.reject()')).json).toEqual({ error: {} });
  });

  it('is an application error when an async function throws', async () => {
    const answer = await call('async function main() { const e = new Error("x"); e.self = e; throw e }');
    expect(answer).toMatchObject({ status: 200, json: { error: { message: 'x', self: '[Circular]' } } });
  });
});

describe('initialising a Node action', () => {
  it.each([
    ['no code', { main: 'main' }],
    ['empty code', { main: 'main', code: '' }],
    ['no main', { code: 'x', main: '' }],
    ['code that isn’t text', { main: 'main', code: 3 }],
  ])('with %s is refused', async (_, value) => {
    expect(await runtime.post('/init', { value })).toMatchObject({
      status: 403,
      json: { error: 'Missing main/no code to execute.' },
    });
    expect((await call('function main() { return { later: true } }')).json).toEqual({ later: true });
  });

  it.each([
    [
      'doesn’t parse',
      'function main() {\n  return {\n}',
      'main',
      /^Initialization has failed due to: .*index\.js:\d+\n[\s\S]*SyntaxError: Unexpected token/,
    ],
    [
      'throws',
      'throw new Error("at once")',
      'main',
      /^Initialization has failed due to: Error: at once\n\s+at .*index\.js:1:7/,
    ],
    ['throws a text', 'throw "at once"', 'main', /^Initialization has failed due to: at once$/],
    [
      'requires what there isn’t',
      'require("nothing-of-this-name")',
      'main',
      /^Initialization has failed due to: Error: Cannot find module 'nothing-of-this-name'/,
    ],
    [
      'lacks the function',
      'function other() {}',
      'main',
      /^Initialization has failed due to: Action entrypoint 'main' is not a function\.$/,
    ],
    [
      'names a thing that isn’t a function',
      'const a = { b: 1 }',
      'a.b',
      /^Initialization has failed due to: Action entrypoint 'a\.b' is not a function\.$/,
    ],
    [
      'has a name that is code',
      'function main() {}',
      'main;process.exit()',
      /^Initialization has failed due to: Action entrypoint 'main;process\.exit\(\)' is not a function\.$/,
    ],
    [
      'is a module that throws',
      'export const main = 1; throw new Error("in module")',
      'main',
      /^Initialization has failed due to: Error: in module/,
    ],
  ])('fails for good when the code %s', async (_, code, main, sentence) => {
    const answer = await runtime.init(code, { main });
    expect(answer.status).toBe(502);
    expect(errorOf(answer)).toMatch(sentence);
    expect(await runtime.init('function main() {}')).toMatchObject({
      status: 403,
      json: { error: 'System not ready, status is stopped.' },
    });
    expect(await runtime.run()).toMatchObject({ status: 403, json: { error: 'System not initialized.' } });
  });

  it('ends its logs when it fails, without having been given a token', async () => {
    await runtime.init('console.log("began"); throw new Error("x")');
    await runtime.logsContain(`${SENTINEL}\n`);
    expect(runtime.stdout).toBe(`began\n${SENTINEL}\n`);
  });

  it('is refused while another one goes on', async () => {
    const first = runtime.init(
      'await new Promise((r) => setTimeout(r, 300)); export const main = () => ({ n: 1 })',
    );
    let second: Answer;
    do second = await runtime.run();
    while (errorOf(second) !== 'System not initialized.');
    expect(errorOf(await runtime.init('function main() {}'))).toMatch(
      /^(System not ready, status is starting\.|Cannot initialize the action more than once\.)$/,
    );
    expect((await first).status).toBe(200);
    expect((await runtime.run()).json).toEqual({ n: 1 });
  });

  it('is refused to user code as well', async () => {
    const code = `const http = require('http');
      exports.main = ({ path }) => new Promise((resolve) => {
        const body = JSON.stringify({ value: { main: 'main', code: 'function main() { return { stolen: true } }' } });
        http.request({ socketPath: path, path: '/init', method: 'POST', headers: { 'Content-Length': body.length } },
          (answer) => answer.resume().on('end', () => resolve({ status: answer.statusCode }))).end(body);
      })`;
    const answer = await call(code, { path: `${runtime.directory}/container.sock` });
    expect(answer.json).toEqual({ status: 403 });
    expect((await runtime.run({ path: `${runtime.directory}/container.sock` })).json).toEqual({
      status: 403,
    });
  });

  it('takes init parameters of every type', async () => {
    await runtime.init('const { A, B } = process.env; function main() { return { A, B } }', {
      env: { A: 'text', B: { a: [1] } },
    });
    expect((await runtime.run()).json).toEqual({ A: 'text', B: '{"a":[1]}' });
  });
});

describe('calling a Node action', () => {
  it('is refused before it is initialised', async () => {
    expect(await runtime.run()).toMatchObject({ status: 403, json: { error: 'System not initialized.' } });
  });

  it('is refused while it runs', async () => {
    await runtime.init(
      'let go; function main({ first }) { if (!first) return go({ first: 1 }); return new Promise((r) => (go = r)) }',
    );
    const first = runtime.run({ first: true });
    let second = await runtime.run({ first: true });
    while (second.status !== 403) second = await runtime.run({ first: true });
    expect(second.json).toEqual({ error: 'System not ready, status is running.' });
    runtime.process.kill();
    await expect(first).rejects.toThrow(/hang up|ECONNRESET/);
  });

  it('happens several times at once when that is allowed', async () => {
    const concurrent = await startRuntime('nodejs', { env: { __OW_ALLOW_CONCURRENT: 'true' } });
    await concurrent.init(
      'const waiting = []; const main = (p) => new Promise((r) => { waiting.push(() => r(p)); if (waiting.length === 3) waiting.forEach((f) => f()) })',
    );
    const answers = await Promise.all([1, 2, 3].map((n) => concurrent.run({ n })));
    await concurrent.stop();
    expect(answers.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it.each(['', '{', '[1', 'null', '"text"', '1', '{"value":{}}}'])(
    'with %j for a body is a bad request',
    async (body) => {
      await runtime.init('function main() {}');
      expect(await runtime.post('/run', body)).toMatchObject({
        status: 500,
        json: { error: 'Bad request.' },
      });
      expect((await runtime.run()).status).toBe(200);
    },
  );

  it('takes JSON nested a hundred thousand deep without falling over', async () => {
    await runtime.init('function main(p) { return { type: typeof p } }');
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect((await runtime.post('/run', `{"value":${deep}}`)).json).toEqual({ type: 'object' });
  });

  it('fails with what nothing caught, and logs it', async () => {
    const answer = await call(
      'function main() { setTimeout(() => { throw new Error("late") }); return new Promise(() => {}) }',
    );
    expect(answer).toMatchObject({ status: 502, json: { error: 'An error has occurred: Error: late' } });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toMatch(/^Error: late\n\s+at /);
    expect(runtime.stderr).not.toContain('runtimes/');
  });

  it('fails with a rejection that nothing caught', async () => {
    const answer = await call(
      'function main() { Promise.reject(new Error("lost")); return new Promise(() => {}) }',
    );
    expect(answer).toMatchObject({ status: 502, json: { error: 'An error has occurred: Error: lost' } });
  });

  it('is possible again after an error between two calls, which is logged', async () => {
    await call(
      'function main(p) { if (!p.last) setImmediate(() => { throw new Error("between") }); return p }',
    );
    while (!runtime.stderr.includes('Error: between')) await runtime.run({ last: true });
    expect((await runtime.run({ last: true })).json).toEqual({ last: true });
  });

  it('leaves what nothing caught to the action’s own listener', async () => {
    const answer = await call(`process.on('uncaughtException', (e) => go({ caught: e.message })); let go;
      function main() { setImmediate(() => { throw new Error("mine") }); return new Promise((r) => (go = r)) }`);
    expect(answer.json).toEqual({ caught: 'mine' });
  });

  it('ends the process when the action exits, with all of its logs', async () => {
    await runtime.init('function main() { console.log("x".repeat(200000)); process.exit(3) }');
    await expect(runtime.run()).rejects.toThrow('socket hang up');
    expect(await runtime.exited).toBe(3);
    expect(runtime.stdout).toBe(`${'x'.repeat(200_000)}\n`);
  });

  it('writes what child processes print where it belongs', async () => {
    await runtime.init(
      'const { execSync } = require("child_process"); function main() { execSync("echo child; echo error >&2", { stdio: "inherit" }); return {} }',
    );
    await runtime.post('/run', {}, { 'X-Vibrissa-Sentinel': 't' });
    await runtime.logsContain(`${SENTINEL} t\n`);
    expect(runtime.stdout).toBe(`child\n${SENTINEL} t\n`);
    expect(runtime.stderr).toBe(`error\n${SENTINEL} t\n`);
  });
});

describe('the environment of a Node action', () => {
  it('is that of its processes, too, and what it sets is text', async () => {
    const code = `const { execSync } = require('node:child_process');
      function main() {
        process.env.SET = 42;
        delete process.env.PATH_TO_NOWHERE;
        const inside = process.env;
        const below = execSync('echo "$__OW_ACTIVATION_ID $SET"').toString().trim();
        return { id: inside.__OW_ACTIVATION_ID, set: inside.SET, keys: Object.keys(inside).includes('SET'), below };
      }`;
    await runtime.init(code);
    const answer = await runtime.run({}, { activation_id: 'a1' });
    expect(answer.json).toEqual({ id: 'a1', set: '42', keys: true, below: 'a1 42' });
  });

  it('forgets what it deletes, and heeds a time zone', async () => {
    const code = `function main() {
      process.env.GONE = 'x';
      delete process.env.GONE;
      process.env.TZ = 'Asia/Tokyo';
      return { gone: 'GONE' in process.env, hours: new Date(0).getHours() };
    }`;
    expect((await call(code)).json).toEqual({ gone: false, hours: 9 });
  });
});

describe('code that replaces what is built in', () => {
  it.each([
    ['JSON', 'JSON.stringify = () => "garbage"; JSON.parse = () => { throw new Error() }'],
    [
      'what prints',
      'process.stdout.write = () => true; console.log = () => {}; require("fs").writeSync = () => 0',
    ],
    ['the environment', 'process.env = {}'],
    [
      'sockets',
      'const { Socket } = require("net"); for (const n of ["write", "end", "pause", "resume", "destroy"]) Socket.prototype[n] = () => {}',
    ],
    [
      'promises',
      'globalThis.Promise = undefined; Object.getPrototypeOf((async () => {})()).then = undefined',
    ],
    [
      'buffers',
      'for (const n of ["from", "concat", "byteLength", "alloc"]) Buffer[n] = () => 0; for (const n of ["indexOf", "utf8Slice", "latin1Slice", "subarray", "toString"]) Buffer.prototype[n] = () => 0',
    ],
    [
      'strings',
      'for (const n of ["toLowerCase", "toUpperCase", "charCodeAt", "slice", "split"]) String.prototype[n] = () => ""',
    ],
    [
      'arrays and sets',
      'Array.prototype.slice = Array.prototype.push = () => []; Set.prototype.add = Set.prototype.delete = () => false',
    ],
    ['functions', 'Function.prototype.call = Function.prototype.bind = () => {}'],
    ['objects', 'Object.keys = () => []; Object.prototype.then = undefined; Object.prototype.polluted = 1'],
    [
      'Reflect and RegExp',
      'Reflect.apply = () => {}; RegExp.prototype.exec = RegExp.prototype.test = () => null',
    ],
  ])('doesn’t break answers or logs: %s', async (_, patch) => {
    const code = `function main(p) { ${patch}; return { n: p.n } }`;
    expect((await runtime.init(code)).status).toBe(200);
    for (const n of [1, 2]) {
      const answer = await runtime.post(
        '/run',
        { value: { n }, activation_id: `id${n}` },
        { 'X-Vibrissa-Sentinel': `t${n}` },
      );
      expect(answer).toMatchObject({ status: 200, json: { n } });
    }
    await runtime.logsContain(`${SENTINEL} t2\n`);
    expect(runtime.stdout).toBe(`${SENTINEL} t1\n${SENTINEL} t2\n`);
  });
});
