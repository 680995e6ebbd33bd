import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LINK, tarGz, zip, type Member } from '../../shared/test/build-archive.ts';
import { startRuntime, type Answer, type RunningRuntime } from '../../shared/test/start-runtime.ts';

const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const CANNOT_START = 'Cannot start action. Check logs for details.';
const NO_BINARY = 'The action failed to generate or locate a binary. See logs for details.';
const NOT_A_DICTIONARY = 'The action did not return a dictionary or array.';
const echo = 'def main(args):\n  return {"got": args["a"]}\n';

let runtime: RunningRuntime;

beforeEach(async () => {
  runtime = await startRuntime('python');
});

afterEach(() => runtime.stop());

async function call(code: string, value: unknown = {}, main = 'main'): Promise<Answer> {
  expect(await runtime.init(code, { main })).toMatchObject({ status: 200, json: { ok: true } });
  return runtime.run(value);
}

describe('the function of a Python action', () => {
  it.each([
    ['a function', echo, 'main'],
    ['a function of another name', echo.replace('main', 'niam'), 'niam'],
    ['a method', 'class A:\n  @staticmethod\n  def main(args):\n    return {"got": args["a"]}', 'A.main'],
    [
      'a callable object',
      'class A:\n  def __call__(self, args):\n    return {"got": args["a"]}\nmain = A()',
      'main',
    ],
    [
      'a coroutine',
      'import asyncio\nasync def main(args):\n  await asyncio.sleep(0)\n  return {"got": args["a"]}',
      'main',
    ],
    [
      'in a script that guards its own start',
      `${echo}\nif __name__ == "__main__":\n  raise SystemExit(1)`,
      'main',
    ],
    [
      'beside a data class',
      `from dataclasses import dataclass\n@dataclass\nclass A:\n  x: int\n${echo}`,
      'main',
    ],
  ])('may be %s', async (_, code, main) => {
    expect(await call(code, { a: 1 }, main)).toMatchObject({ status: 200, json: { got: 1 } });
  });

  it('keeps its module’s variables from call to call', async () => {
    await call('n = 0\ndef main(args):\n  global n\n  n += 1\n  return {"n": n}');
    expect((await runtime.run()).json).toEqual({ n: 2 });
  });

  it('can be pickled, and so found again', async () => {
    const code =
      'import pickle\nclass A: pass\ndef main(args):\n  return {"name": type(pickle.loads(pickle.dumps(A()))).__name__}';
    expect((await call(code)).json).toEqual({ name: 'A' });
  });

  it('can’t take the runtime’s own modules for its own', async () => {
    const code =
      'def main(args):\n  try:\n    import http_exchange\n  except ImportError as error:\n    return {"error": str(error)}';
    expect((await call(code)).json).toEqual({ error: "No module named 'http_exchange'" });
  });
});

describe('the result of a Python action', () => {
  it.each([
    ['an array', 'return [1, {"a": None}]', [1, { a: null }]],
    ['a tuple', 'return (1, 2)', [1, 2]],
    ['text of any kind', 'return {"text": "ü\\u2028\\U0001f600\\"\\n"}', { text: 'ü\u2028\u{1f600}"\n' }],
    ['numbers', 'return {"n": [1.5, -0.0, 10**20, True]}', { n: [1.5, -0, 1e20, true] }],
    ['an ordered dictionary', 'import collections; return collections.OrderedDict(a=1)', { a: 1 }],
  ])('may be %s', async (_, body, expected) => {
    expect(await call(`def main(args):\n  ${body}`)).toMatchObject({ status: 200, json: expected });
  });

  it.each([
    ['nothing', 'pass'],
    ['a text', 'return "{}"'],
    ['a number', 'return 1'],
    ['a set', 'return {1, 2}'],
    ['a dictionary with a set', 'return {"a": {1}}'],
    ['a dictionary with NaN', 'return {"a": float("nan")}'],
    ['a cycle', 'a = []; a.append(a); return a'],
    ['half a character', 'return {"a": "\\ud800"}'],
  ])('can’t be %s', async (_, body) => {
    expect(await call(`def main(args):\n  ${body}`)).toMatchObject({
      status: 502,
      json: { error: NOT_A_DICTIONARY },
    });
    expect((await runtime.run()).status).toBe(502);
  });

  it('is an application error when the function raises, with the trace in the logs', async () => {
    const answer = await call('def main(args):\n  raise ValueError("no such thing")');
    expect(answer).toMatchObject({ status: 200, json: { error: 'no such thing' } });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toMatch(
      /^Traceback \(most recent call last\):\n  File ".*__main__\.py", line 2, in main\n(.*\n)*ValueError: no such thing\n/,
    );
    expect(runtime.stderr).not.toContain('runtime.py');
  });

  it('comes with a hint when only a missing network explains it', async () => {
    const code = `import _socket, socket
def main(args):
  _socket.if_nameindex = lambda: [(1, name) for name in args["found"]]
  try:
    raise socket.gaierror(-3, "Temporary failure in name resolution")
  except OSError as error:
    raise RuntimeError("cannot fetch") from error`;
    expect((await call(code, { found: ['lo', 'eth0'] })).json).toEqual({ error: 'cannot fetch' });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).not.toContain('no internet access');
    await runtime.run({ found: ['lo'] }, { action_name: '/guest/get' });
    const hint = 'This action has no internet access; grant it with: wsk action update get -a internet true';
    while (!runtime.stderr.includes(hint)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('names the exception that says nothing', async () => {
    expect((await call('def main(args):\n  assert False')).json).toEqual({ error: 'AssertionError' });
  });

  it('is an error when calls never end', async () => {
    expect((await call('def main(args):\n  return main(args)')).json).toEqual({
      error: expect.stringContaining('maximum recursion depth exceeded') as string,
    });
  });
});

describe('initialising a Python action', () => {
  it.each([
    ['no code', { main: 'main' }],
    ['empty code', { main: 'main', code: '' }],
    ['an empty name', { main: '', code: 'x' }],
    ['code that isn’t text', { code: 3 }],
  ])('with %s is refused', async (_, value) => {
    expect(await runtime.post('/init', { value })).toMatchObject({
      status: 403,
      json: { error: 'Missing main/no code to execute.' },
    });
    expect((await call(echo, { a: 1 })).json).toEqual({ got: 1 });
  });

  it.each([
    ['doesn’t parse', 'def main(args)\n  return {}', NO_BINARY, 'SyntaxError: '],
    ['holds a NUL', 'x = 1\0', NO_BINARY, 'null bytes'],
    ['raises', 'raise ValueError("at once")', CANNOT_START, 'ValueError: at once'],
    [
      'imports what there isn’t',
      'import nothing_of_this_name',
      CANNOT_START,
      "No module named 'nothing_of_this_name'",
    ],
    ['lacks the function', 'def other(): pass', CANNOT_START, "cannot import name 'main'"],
    ['names a thing that isn’t a function', 'main = 1', CANNOT_START, "cannot import name 'main'"],
  ])('fails for good when the code %s', async (_, code, sentence, log) => {
    expect(await runtime.init(code)).toMatchObject({ status: 502, json: { error: sentence } });
    await runtime.logsContain(`${SENTINEL}\n`);
    expect(runtime.stderr).toContain(log);
    expect(await runtime.init(echo)).toMatchObject({
      status: 403,
      json: { error: 'Cannot initialize the action more than once.' },
    });
    expect(await runtime.run()).toMatchObject({ status: 500, json: { error: 'no action defined yet' } });
  });

  it('takes init parameters of every type', async () => {
    const code =
      'import os\nA, B = os.environ["A"], os.environ["B"]\ndef main(args): return {"A": A, "B": B}';
    await runtime.init(code, { env: { A: 'text', B: { a: [1] } } });
    expect((await runtime.run()).json).toEqual({ A: 'text', B: '{"a":[1]}' });
  });
});

describe('calling a Python action', () => {
  it.each(['', '{', '[1]', 'null', '"text"', '{"value":NaN}', '{"value":{}}}', '{"value":01}'])(
    'with %j for a body is refused',
    async (body) => {
      await runtime.init('def main(args): return {}');
      const answer = await runtime.post('/run', body);
      expect(answer.status).toBe(400);
      expect((answer.json as { error: string }).error).toMatch(/^Error unmarshaling request: /);
      expect((await runtime.run()).status).toBe(200);
    },
  );

  it('takes JSON nested a hundred thousand deep without falling over', async () => {
    await runtime.init('def main(args): return {}');
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect([200, 400]).toContain((await runtime.post('/run', `{"value":${deep}}`)).status);
    expect((await runtime.run()).status).toBe(200);
  });

  it('takes bytes that aren’t UTF-8 for no request', async () => {
    await runtime.init('def main(args): return {}');
    const answer = await runtime.raw(
      Buffer.from(
        'POST /run HTTP/1.1\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{"value":"\xff"}  ',
        'latin1',
      ),
    );
    expect(answer).toContain('Error unmarshaling request');
  });

  it('happens several times at once when that is allowed', async () => {
    const concurrent = await startRuntime('python', { env: { __OW_ALLOW_CONCURRENT: 'true' } });
    await concurrent.init(
      'import threading\nall = threading.Barrier(3)\ndef main(args):\n  all.wait()\n  return args',
    );
    const answers = await Promise.all([1, 2, 3].map((n) => concurrent.run({ n })));
    await concurrent.stop();
    expect(answers.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it.each(['false', 'true'])(
    'ends the process when the action exits (concurrent: %s), with its logs',
    async (concurrent) => {
      const other = await startRuntime('python', { env: { __OW_ALLOW_CONCURRENT: concurrent } });
      await other.init('import sys\ndef main(args):\n  print("x" * 200000)\n  sys.exit(3)');
      await expect(other.run()).rejects.toThrow('socket hang up');
      expect(await other.exited).toBe(3);
      await other.stop();
      expect(other.stdout).toBe(`${'x'.repeat(200_000)}\n`);
    },
  );

  it('writes what child processes print where it belongs', async () => {
    await runtime.init(
      'import subprocess\ndef main(args):\n  print("before")\n  subprocess.run("echo child", shell=True)\n  print("after")\n  return {}',
    );
    await runtime.post('/run', {}, { 'X-Vibrissa-Sentinel': 't' });
    await runtime.logsContain(`${SENTINEL} t\n`);
    expect(runtime.stdout).toBe(`before\nchild\nafter\n${SENTINEL} t\n`);
  });

  it.each([
    ['what prints', 'import sys, builtins; sys.stdout = None; builtins.print = None'],
    ['a closed stream', 'import sys; sys.stdout.close(); sys.stderr.close()'],
    ['what writes', 'import os; os.write = None'],
    ['JSON', 'import json; json.dumps = json.loads = json.JSONEncoder = None'],
    ['the environment', 'import os; os.environ.clear()'],
    ['sockets', 'import socket, select; socket.socket = None; select.select = None'],
  ])('isn’t broken by code that replaces %s', async (_, patch) => {
    await runtime.init(`def main(args):\n  ${patch}\n  return {"n": args["n"]}`);
    for (const n of [1, 2]) {
      const answer = await runtime.post('/run', { value: { n } }, { 'X-Vibrissa-Sentinel': `t${n}` });
      expect(answer).toMatchObject({ status: 200, json: { n } });
    }
    await runtime.logsContain(`${SENTINEL} t2\n`);
    expect(runtime.stdout).toBe(`${SENTINEL} t1\n${SENTINEL} t2\n`);
  });
});

describe('a Python action in an archive', () => {
  const main: Member = {
    name: '__main__.py',
    content: 'from lib.helper import got\ndef main(args): return got(args)',
  };
  const helper: Member = { name: 'lib/helper.py', content: 'def got(args): return {"got": args["a"]}' };

  it.each([
    ['a zip', zip([main, helper, { name: 'lib/__init__.py' }])],
    ['a tar.gz', tarGz([main, helper])],
    ['a zip with packages of its own', zip([main, { ...helper, name: 'packages/lib/helper.py' }])],
    [
      'a zip with a virtual environment',
      zip([main, { ...helper, name: 'virtualenv/lib/python3.11/site-packages/lib/helper.py' }]),
    ],
    [
      'a zip with a link',
      zip([
        main,
        { ...helper, name: 'real.py' },
        { name: 'lib/helper.py', mode: LINK, content: '../real.py' },
      ]),
    ],
    [
      'a tar.gz with links',
      tarGz([
        main,
        { ...helper, name: 'real.py' },
        { name: 'soft.py', type: '2', target: 'real.py' },
        { name: 'lib/helper.py', type: '1', target: 'real.py' },
      ]),
    ],
  ])('may be %s', async (_, archive) => {
    expect(await runtime.initArchive(archive)).toMatchObject({ status: 200, json: { ok: true } });
    expect((await runtime.run({ a: 1 })).json).toEqual({ got: 1 });
  });

  it('may name a function of another module', async () => {
    await runtime.initArchive(zip([main, helper]), { main: 'lib.helper.got' });
    expect((await runtime.run({ a: 1 })).json).toEqual({ got: 1 });
  });

  it('runs where it was unpacked', async () => {
    await runtime.initArchive(
      zip([
        { name: '__main__.py', content: 'def main(args): return {"text": open("data.txt").read()}' },
        { name: 'data.txt', content: 'x' },
      ]),
    );
    expect((await runtime.run()).json).toEqual({ text: 'x' });
  });

  it('fails when it lacks __main__.py', async () => {
    expect(await runtime.initArchive(zip([helper]))).toMatchObject({
      status: 502,
      json: { error: NO_BINARY },
    });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toContain('Zip file does not include mandatory files');
  });

  it('fails when it isn’t base64', async () => {
    const answer = await runtime.init('***', { binary: true });
    expect(answer.status).toBe(400);
    expect((answer.json as { error: string }).error).toMatch(/^cannot decode the request: /);
  });

  it.each([
    ['no archive', Buffer.from('def main(args): pass'), 'it is neither a zip nor a tar.gz file.'],
    ['a zip that was cut off', zip([main]).subarray(0, 60), 'it is damaged'],
    ['a tar.gz that was cut off', tarGz([main]).subarray(0, 60), 'it is cut off.'],
    ['an encrypted zip', zip([{ ...main, encrypted: true }]), 'it is damaged'],
    ['a path that leads out', zip([main, { name: '../evil.py' }]), 'it has a path that leads out of it'],
    [
      'a path that leads out with backslashes',
      zip([main, { name: 'a\\..\\..\\evil.py' }]),
      'it has a path that leads out of it',
    ],
    ['an absolute path', zip([main, { name: '/tmp/evil.py' }]), 'it has an absolute path'],
    [
      'an absolute link',
      zip([main, { name: 'l', mode: LINK, content: '/etc/passwd' }]),
      'it has a link out of it',
    ],
    ['a link out', zip([main, { name: 'l', mode: LINK, content: '../x' }]), 'it has a link out of it'],
    [
      'a file through a link',
      zip([main, { name: 'l', mode: LINK, content: '.' }, { name: 'l/evil.py' }]),
      'it has an entry below the link',
    ],
    [
      'links that lead out together',
      zip([
        main,
        { name: 'p/q/r', mode: LINK, content: '../..' },
        { name: 'm', mode: LINK, content: 'p/q/r/../x' },
      ]),
      'it has a link out of it',
    ],
    [
      'links in a circle',
      zip([main, { name: 'a', mode: LINK, content: 'b' }, { name: 'b', mode: LINK, content: 'a' }]),
      'it has links in a circle',
    ],
    [
      'a link and a file of one name',
      zip([main, { name: 'a', mode: LINK, content: 'b' }, { name: 'a', content: 'x' }]),
      'it has two meanings',
    ],
    ['a device', zip([main, { name: 'd', mode: 0o060600 }]), 'it has a device or a pipe'],
    ['a device in a tar', tarGz([main, { name: 'd', type: '3' }]), 'it has a device or a pipe'],
    ['a pipe in a tar', tarGz([main, { name: 'd', type: '6' }]), 'it has a device or a pipe'],
    [
      'a hard link out in a tar',
      tarGz([{ name: 'a', type: '1', target: '/etc/passwd' }]),
      'it has a link out of it',
    ],
    ['a path that leads out in a tar', tarGz([{ name: '../evil.py' }]), 'it has a path that leads out of it'],
    [
      'a bomb',
      zip([{ name: 'a', content: Buffer.alloc(20e6) }]),
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
  ])('is refused for %s, and leaves nothing', async (_, archive, log) => {
    expect(await runtime.initArchive(archive)).toMatchObject({ status: 502, json: { error: NO_BINARY } });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toContain(`There was an error uncompressing the action archive: ${log}`);
    expect(readdirSync(join(runtime.directory, 'code'))).toEqual([]);
    expect(existsSync(join(runtime.directory, 'evil.py'))).toBe(false);
  });
});
