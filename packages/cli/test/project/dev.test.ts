import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/run.ts';
import { startPlatform, type Platform } from '../golden/platform.ts';
import { makeWorkplace, runWsk, type Workplace } from '../run-wsk.ts';

/** For what is never said: each is a deployment, or a run in a new sandbox. */
const NEVER_MS = 40_000;

let platform: Platform;
let place: Workplace;

beforeAll(async () => {
  platform = await startPlatform();
});

afterAll(async () => {
  await platform?.stop();
});

beforeEach(() => {
  place = makeWorkplace();
});

afterEach(() => place.remove());

function flags(): string[] {
  return ['--apihost', platform.url, '--auth', platform.key];
}

/** A running `wsk dev`, as its user sees it. */
interface Dev {
  readonly said: () => string;
  /** Resolves when this was said. */
  readonly says: (text: string) => Promise<void>;
  /** Ctrl-C; gives the exit code. */
  readonly interrupt: () => Promise<number>;
}

function startDev(...words: string[]): Dev {
  let said = '';
  let interrupt: () => void = () => undefined;
  const sink = { write: (text: string) => (said += text) };
  const ended = run([...flags(), 'dev', place.directory, ...words], {
    stdout: sink,
    stderr: sink,
    environment: place.environment,
    onSignal: (callback) => (interrupt = callback),
  });
  return {
    said: () => said,
    says: (text) => vi.waitFor(() => expect(said).toContain(text), { timeout: NEVER_MS, interval: 20 }),
    interrupt: () => {
      interrupt();
      return ended;
    },
  };
}

async function invoke(name: string): Promise<unknown> {
  const { stdout } = await runWsk(place, [...flags(), 'action', 'invoke', name, '-r']);
  return stdout === '' ? undefined : (JSON.parse(stdout) as unknown);
}

async function list(): Promise<string> {
  return (await runWsk(place, [...flags(), 'list'])).stdout;
}

test('a folder with code is deployed, again when it is saved, and its logs and results are shown', async () => {
  writeFileSync(place.path('one.js'), 'function main() { console.log("first"); return { v: 1 }; }');
  const dev = startDev('--rm');
  await dev.says('Watching');
  expect(dev.said()).toContain('one: wsk action invoke one -r');
  expect(await invoke('one')).toEqual({ v: 1 });
  await dev.says('stdout: first');
  await dev.says('→ {"v":1}');
  // As editors save: a new file takes the place of the old one.
  writeFileSync(place.path('.one.js.swp'), 'function main() { return { v: 2 }; }');
  renameSync(place.path('.one.js.swp'), place.path('one.js'));
  await dev.says('ok: updated action one');
  expect(await invoke('one')).toEqual({ v: 2 });
  writeFileSync(place.path('two.py'), 'def main(args):\n    return {"v": 3}\n');
  await dev.says('ok: created action two');
  expect(await invoke('two')).toEqual({ v: 3 });
  rmSync(place.path('two.py'));
  await dev.says('ok: deleted action two');
  expect(await dev.interrupt()).toBe(0);
  expect(dev.said()).toContain('Stopped. Everything that was deployed is deleted.');
  expect(await list()).not.toContain('/guest/');
});

test('a mistake in the manifest ends nothing, and what stays deployed is said at the end', async () => {
  writeFileSync(place.path('hello.js'), 'function main() { return { body: "hi" }; }');
  writeFileSync(
    place.path('manifest.yaml'),
    'packages: {web: {actions: {hello: {function: hello.js, webb: yes}}}}',
  );
  const dev = startDev();
  await dev.says("has no 'webb'. Did you mean web?");
  await dev.says('Watching');
  writeFileSync(
    place.path('manifest.yaml'),
    'packages: {web: {actions: {hello: {function: hello.js, web: yes}}}}',
  );
  const url = `${platform.url}/api/v1/web/guest/web/hello`;
  await dev.says(url);
  const reply = await fetch(url);
  expect([reply.status, await reply.text()]).toEqual([200, 'hi']);
  expect(await dev.interrupt()).toBe(0);
  expect(dev.said()).toContain(
    'Stopped. Still deployed: package web, action web/hello. (--rm deletes it at the end.)',
  );
  expect(await list()).toContain('/guest/web/hello');
  await runWsk(place, [...flags(), 'project', 'undeploy', '--project', place.directory]);
});

test('a folder without code, and one that is none, say what to do', async () => {
  const none = await runWsk(place, [...flags(), 'dev', place.path('nowhere')]);
  expect(none.exitCode).toBe(2);
  expect(none.stderr).toContain('is no folder');
  const dev = startDev();
  await dev.says('has neither a manifest.yaml nor code: there is nothing to run');
  writeFileSync(place.path('late.js'), 'function main() { return {}; }');
  await dev.says('ok: created action late');
  expect(await dev.interrupt()).toBe(0);
  await runWsk(place, [...flags(), 'action', 'delete', 'late']);
});

test('without a platform it ends at once', async () => {
  const outcome = await runWsk(place, [
    '--apihost',
    'http://127.0.0.1:1',
    '--auth',
    'a:b',
    'dev',
    place.directory,
  ]);
  expect(outcome.exitCode).toBe(3);
});
