import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarGz, zip } from '../../shared/test/build-archive.ts';
import { startRuntime, type Answer, type RunningRuntime } from '../../shared/test/start-runtime.ts';

const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const CANNOT_START = 'Cannot start action. Check logs for details.';
const NO_BINARY = 'The action failed to generate or locate a binary. See logs for details.';
const NOT_A_DICTIONARY = 'The action did not return a dictionary or array.';

const heldUp = fileURLToPath(new URL('held-up.cjs', import.meta.url));

const loop = `#!/bin/bash
n=0
while read -r line; do n=$((n+1)); echo "log $n"; echo "{\\"n\\":$n,\\"got\\":$line}" >&3; done
`;
const acknowledging = `#!/usr/bin/env python3
import json, os, sys
out = os.fdopen(3, "wb")
if "__OW_WAIT_FOR_ACK" in os.environ:
  out.write(json.dumps({"ok": True}).encode() + b"\\n"); out.flush()
while True:
  line = sys.stdin.readline()
  if not line: break
  out.write(json.dumps({"got": json.loads(line)["value"]}).encode() + b"\\n"); out.flush()
`;

let runtime: RunningRuntime;

beforeEach(async () => {
  runtime = await startRuntime('actionloop');
});

afterEach(() => runtime.stop());

async function call(code: string, value: unknown = {}): Promise<Answer> {
  expect(await runtime.init(code)).toMatchObject({ status: 200, json: { ok: true } });
  return runtime.run(value);
}

describe('an executable that runs once for each call', () => {
  it('gets its arguments as its first argument and on standard input', async () => {
    const answer = await call('#!/bin/bash\necho "{\\"argument\\":$1,\\"input\\":$(cat)}"\n', { a: 'ü' });
    expect(answer.json).toEqual({ argument: { a: 'ü' }, input: { a: 'ü' } });
  });

  it('gets arguments that are too long for an argument on standard input', async () => {
    const answer = await call('#!/bin/bash\necho "{\\"count\\":$#,\\"bytes\\":$(wc -c)}"\n', {
      a: 'x'.repeat(131_072),
    });
    expect(answer.json).toEqual({ count: 0, bytes: 131_072 + 8 });
  });

  it('answers with its last line, and logs the others', async () => {
    expect((await call('#!/bin/sh\necho one\necho \'{"not":"this"}\'\nprintf \'{"last":1}\'')).json).toEqual({
      last: 1,
    });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stdout).toBe(`one\n{"not":"this"}\n${SENTINEL}\n`);
  });

  it('answers with its last line however it is cut', async () => {
    const code =
      '#!/bin/bash\nprintf a; sleep 0.02; printf "b\\n"; sleep 0.02; printf "{"; sleep 0.02; printf \'"n":1}\'; sleep 0.02; printf "\\n"; sleep 0.02';
    expect((await call(code)).json).toEqual({ n: 1 });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stdout).toBe(`ab\n${SENTINEL}\n`);
  });

  it('may be what has no first line to name its interpreter', async () => {
    expect((await call('echo \'{"shell":true}\'')).json).toEqual({ shell: true });
  });

  it('may end with any status, as in OpenWhisk', async () => {
    expect((await call('#!/bin/sh\necho \'{"error":"told"}\'\nexit 7')).json).toEqual({ error: 'told' });
  });

  it('isn’t waited for when only what it left behind goes on', async () => {
    const answer = await call('#!/bin/sh\nsleep 600 &\necho "{\\"left\\":$!}"');
    const { left } = answer.json as { left: number };
    expect(() => process.kill(left, 'SIGKILL')).not.toThrow();
  });

  it.each([
    ['nothing', 'exit 0', ''],
    ['a text', 'echo hello', 'hello\n'],
    ['a number', 'echo 42', '42\n'],
    ['broken JSON', 'echo \'{"a":\'', '{"a":\n'],
  ])('fails when it answers %s, which is logged', async (_, body, log) => {
    expect(await call(`#!/bin/sh\n${body}`)).toMatchObject({
      status: 502,
      json: { error: NOT_A_DICTIONARY },
    });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toBe(`${log}${SENTINEL}\n`);
  });

  it('fails when its interpreter is missing', async () => {
    expect((await call('#!/nowhere/at-all\n')).status).toBe(502);
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toContain('ENOENT');
  });

  it('isn’t run by its initialisation', async () => {
    await runtime.init('#!/bin/sh\ntouch ran\necho "{}"');
    expect(existsSync(join(runtime.directory, 'code', 'ran'))).toBe(false);
    await runtime.run();
    expect(existsSync(join(runtime.directory, 'code', 'ran'))).toBe(true);
  });

  it('may be a program, and a file named exec in an archive', async () => {
    const program = readFileSync('/bin/echo');
    expect((await runtime.initArchive(program)).status).toBe(200);
    expect((await runtime.run({ echoed: 1 })).json).toEqual({ echoed: 1 });
  });

  it.each([
    ['a zip', zip],
    ['a tar.gz', tarGz],
  ])('may be in %s, with files beside it', async (_, pack) => {
    const archive = pack([
      { name: 'exec', content: '#!/bin/sh\ncat data.json' },
      { name: 'data.json', content: '{"data":1}' },
    ]);
    expect((await runtime.initArchive(archive)).status).toBe(200);
    expect((await runtime.run()).json).toEqual({ data: 1 });
  });

  it('is called once at a time', async () => {
    await runtime.init(
      '#!/bin/bash\nmkdir lock || { echo \'{"error":"two at once"}\'; exit; }\nsleep 0.05\nrmdir lock\necho "$1"',
    );
    const answers = await Promise.all([1, 2, 3].map((n) => runtime.run({ n })));
    expect(answers.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('is called several times at once when that is allowed', async () => {
    const concurrent = await startRuntime('actionloop', { env: { __OW_ALLOW_CONCURRENT: 'true' } });
    await concurrent.init(
      '#!/bin/bash\ntouch "one-$$"\nwhile [ $(ls one-* | wc -l) -lt 3 ]; do sleep 0.01; done\necho "$1"',
    );
    const answers = await Promise.all([1, 2, 3].map((n) => concurrent.run({ n })));
    await concurrent.stop();
    expect(answers.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });
});

describe('an executable that stays', () => {
  it('gets one line a call and answers on descriptor 3', async () => {
    expect((await call(loop, { a: 1 })).json).toEqual({ n: 1, got: { value: { a: 1 } } });
    expect((await runtime.run({ a: 'line\nbreak' }, { activation_id: 'x' })).json).toEqual({
      n: 2,
      got: { value: { a: 'line\nbreak' }, activation_id: 'x' },
    });
    await runtime.logsContain(`${SENTINEL}\n`, 2);
    expect(runtime.stdout).toBe(`log 1\n${SENTINEL}\nlog 2\n${SENTINEL}\n`);
  });

  it('is waited for when it acknowledges its start', async () => {
    expect((await call(acknowledging, { a: 1 })).json).toEqual({ got: { a: 1 } });
    expect((await runtime.run([2])).json).toEqual({ got: [2] });
  });

  it('gets init parameters in its environment', async () => {
    await runtime.init('#!/bin/bash\nwhile read -r line; do echo "{\\"a\\":\\"$A\\"}" >&3; done', {
      env: { A: 'text' },
    });
    expect((await runtime.run()).json).toEqual({ a: 'text' });
  });

  it('may be said to, or not to', async () => {
    const hidden = '#!/bin/bash\nn=3\nwhile read -r line; do eval "echo \'{\\"loop\\":true}\' >&$n"; done';
    await runtime.init(hidden, { env: { OW_ACTIONLOOP: 'true' } });
    expect((await runtime.run()).json).toEqual({ loop: true });
    const other = await startRuntime('actionloop');
    await other.init('#!/bin/sh\n# nothing >&3\necho \'{"once":true}\'', { env: { OW_ACTIONLOOP: 'false' } });
    expect((await other.run()).json).toEqual({ once: true });
    await other.stop();
  });

  it.each([
    ['ends before it acknowledges', '#!/bin/sh\necho "no way" >&2 # OW_WAIT_FOR_ACK'],
    [
      'acknowledges something else',
      '#!/bin/sh\necho "no way" >&2; echo \'{"ok":false}\' >&3; read -r OW_WAIT_FOR_ACK',
    ],
    ['has no interpreter', '#!/nowhere/no way >&3'],
  ])('can’t be started when it %s', async (_, code) => {
    expect(await runtime.init(code)).toMatchObject({ status: 502, json: { error: CANNOT_START } });
    await runtime.logsContain(SENTINEL);
    expect(await runtime.run()).toMatchObject({ status: 500, json: { error: 'no action defined yet' } });
    expect(await runtime.init(loop)).toMatchObject({
      status: 403,
      json: { error: 'Cannot initialize the action more than once.' },
    });
  });

  it('can’t be started when it ends at once, which a runtime that was held up meanwhile sees, too', async () => {
    const held = await startRuntime('actionloop', { env: { NODE_OPTIONS: `--require ${heldUp}` } });
    const answer = await held.init('#!/bin/sh\necho "no way" >&2\nexit 1 # >&3');
    await held.logsContain(SENTINEL);
    await held.stop();
    expect(answer).toMatchObject({ status: 502, json: { error: CANNOT_START } });
    expect(held.stderr).toContain('no way');
  });

  it('is gone once it has ended', async () => {
    await runtime.init('#!/bin/bash\nread -r line; exit 1 # >&3');
    expect(await runtime.run()).toMatchObject({ status: 400, json: { error: 'command exited' } });
    expect(await runtime.run()).toMatchObject({ status: 500, json: { error: 'command exited' } });
  });

  it.each(['hello', '42', '"text"', 'null', '{"a":'])('fails when it answers %s', async (text) => {
    expect(await call(`#!/bin/bash\nwhile read -r line; do echo '${text}' >&3; done`)).toMatchObject({
      status: 502,
      json: { error: NOT_A_DICTIONARY },
    });
  });

  it('is stopped when it answers twice', async () => {
    const answer = await call(
      '#!/bin/bash\nwhile read -r line; do printf \'{"n":1}\\n{"n":2}\\n\' >&3; done',
    );
    expect(answer.json).toEqual({ n: 1 });
    await runtime.stderrContains('The action wrote a result that nothing waited for.');
    expect(await runtime.run()).toMatchObject({ status: 500, json: { error: 'command exited' } });
  });
});

describe('a native action', () => {
  it('without code is OpenWhisk’s stub', async () => {
    expect((await runtime.post('/init', { value: {} })).status).toBe(200);
    expect(await runtime.run()).toMatchObject({
      status: 200,
      json: { error: 'This is a stub action. Replace it with custom logic.' },
    });
  });

  it('can’t be called before it is there', async () => {
    expect(await runtime.run()).toMatchObject({ status: 500, json: { error: 'no action defined yet' } });
  });

  it.each(['/init', '/run'])('is asked in JSON at %s', async (path) => {
    const answer = await runtime.post(path, '{');
    expect(answer.status).toBe(400);
    expect((answer.json as { error: string }).error).toMatch(/^Error unmarshaling request: /);
  });

  it('in base64 that isn’t any can’t be decoded', async () => {
    const answer = await runtime.init('***', { binary: true });
    expect(answer).toMatchObject({
      status: 400,
      json: { error: 'cannot decode the request: illegal base64 data' },
    });
  });

  it('whose code isn’t text is refused', async () => {
    expect(await runtime.post('/init', { value: { code: 1 } })).toMatchObject({
      status: 403,
      json: { error: 'Missing main/no code to execute.' },
    });
  });

  it.each([
    ['lacks exec', zip([{ name: 'other' }]), 'The archive has no file named exec.'],
    ['leads out', zip([{ name: '../exec' }]), 'it has a path that leads out of it'],
    [
      'is a bomb',
      zip([{ name: 'exec', content: Buffer.alloc(20e6) }]),
      'it unpacks to more than 100 times its size.',
    ],
  ])('in an archive that %s fails with a reason in its logs', async (_, archive, log) => {
    expect(await runtime.initArchive(archive)).toMatchObject({ status: 502, json: { error: NO_BINARY } });
    await runtime.logsContain(SENTINEL);
    expect(runtime.stderr).toContain(log);
  });
});
