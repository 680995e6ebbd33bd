import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import {
  cleanUp,
  guestOf,
  startPlatform,
  temporaryDirectory,
  type Activation,
  type PlatformProcess,
} from './platform-process.ts';

afterEach(cleanUp);
afterAll(cleanUp);

const root = fileURLToPath(new URL('../../../..', import.meta.url));

const sleeper = `function main({ ms, mark }) {
  return new Promise((resolve) => setTimeout(() => resolve({ mark }), ms));
}`;

/** A pool with room for two containers, so that a third activation waits. */
const smallPool = ['--set', 'containerPool.userMemoryMb=512', '--set', 'containerPool.prewarm=false'];

/** Processes of the machine whose command line or environment names the data directory. */
function processesOf({ dataDir }: { readonly dataDir: string }): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const texts = [readFileSync(`/proc/${pid}/cmdline`), readFileSync(`/proc/${pid}/environ`)];
        return texts.some((text) => text.includes(dataDir));
      } catch {
        return false;
      }
    });
}

/** Waits until the activation's code runs, as the platform's own count says it. */
async function untilInFlight(platform: PlatformProcess, count: number): Promise<void> {
  const { call } = guestOf(platform);
  for (;;) {
    const reply = await call('GET /activation/count');
    if (reply.body === count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each([
  ['SIGTERM', (platform: PlatformProcess) => platform.signal('SIGTERM')],
  ['SIGINT to the whole process group', (platform: PlatformProcess) => platform.signalGroup('SIGINT')],
])('%s', (_, stop) => {
  it('lets what runs end, gives its client the result, and leaves no process behind', async () => {
    const platform = await startPlatform();
    const { create, invoke } = guestOf(platform);
    await create('sleeper', sleeper);
    await invoke('sleeper', { ms: 0 });
    const reply = invoke('sleeper', { ms: 700, mark: 'done' });
    await untilInFlight(platform, 1);
    stop(platform);
    const { status, body } = await reply;
    expect(status).toBe(200);
    expect((body as Activation).response.result).toEqual({ mark: 'done' });
    expect(await platform.exited).toEqual({ code: 0, signal: null });
    expect(processesOf(platform)).toEqual([]);
    expect(platform.stdout).toContain('Stopped.');
  });
});

describe('under npm', () => {
  it('stops when npm was told to and told nobody', async () => {
    const dataDir = temporaryDirectory();
    const npm = spawn('npm', ['start', '--', '--port', '0', '--data-dir', dataDir], {
      stdio: 'pipe',
      cwd: root,
    });
    let output = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    while (!output.includes('Ready on port')) await new Promise((resolve) => setTimeout(resolve, 20));
    const closed = new Promise((resolve) => npm.stdout.once('close', resolve));
    npm.kill('SIGTERM');
    await closed;
    expect(output).toContain('Stopped.');
    expect(processesOf({ dataDir })).toEqual([]);
  });
});

describe('a drain', () => {
  it('records as stopped what outlives its grace', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=300'] });
    const { create, invoke, start } = guestOf(platform);
    await create('sleeper', sleeper.replace('{\n', '{\n  console.log("so far");\n'));
    await invoke('sleeper', { ms: 0 });
    const id = await start('sleeper', { ms: 50_000 });
    await untilInFlight(platform, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await platform.stop()).toEqual({ code: 0, signal: null });
    expect(processesOf(platform)).toEqual([]);
    const again = await startPlatform({ dataDir: platform.dataDir });
    const record = await guestOf(again).record(id);
    expect(record.response.status).toBe('whisk internal error');
    expect(JSON.stringify(record.response.result)).toMatch(/stopped/i);
    expect(record).toMatchObject({ logs: [expect.stringContaining('stdout: so far')] });
    expect(record.duration).toBeGreaterThan(0);
  });

  it('keeps what is queued for the next start, which runs it under its id', async () => {
    const platform = await startPlatform({ args: [...smallPool, '--set', 'shutdown.grace=300'] });
    const { create, start } = guestOf(platform);
    await create('sleeper', sleeper);
    const running = [await start('sleeper', { ms: 50_000 }), await start('sleeper', { ms: 50_000 })];
    const queued = await start('sleeper', { ms: 1, mark: 'queued' });
    await untilInFlight(platform, 3);
    // Both containers have started their code when their processes exist; the third has no room.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await platform.stop()).code).toBe(0);
    const again = await startPlatform({ dataDir: platform.dataDir, args: smallPool });
    const guest = guestOf(again);
    expect((await guest.record(queued)).response.result).toEqual({ mark: 'queued' });
    for (const id of running) {
      expect((await guest.record(id)).response.status).toBe('whisk internal error');
    }
    const ids = (await guest.list()).map(({ activationId }) => activationId);
    expect([...ids].toSorted()).toEqual([...running, queued].toSorted());
  });

  it('ends at once at a second signal', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=60000'] });
    const { create, start } = guestOf(platform);
    await create('sleeper', sleeper);
    await start('sleeper', { ms: 50_000 });
    await untilInFlight(platform, 1);
    platform.signal('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    platform.signal('SIGTERM');
    expect(await platform.exited).toEqual({ code: 1, signal: null });
    expect(platform.stderr).toContain('stopping at once');
  });
});

describe('after kill -9', () => {
  it('runs what never started, and records what may have started as stopped, within five seconds', async () => {
    const platform = await startPlatform({ args: smallPool });
    const { create, invoke, start } = guestOf(platform);
    await create('sleeper', sleeper);
    const finished = (await invoke('sleeper', { ms: 0, mark: 'finished' })).body as Activation;
    const running = [await start('sleeper', { ms: 50_000 }), await start('sleeper', { ms: 50_000 })];
    await untilInFlight(platform, 2);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const queued = await start('sleeper', { ms: 1, mark: 'queued' });
    await platform.kill();

    const again = await startPlatform({ dataDir: platform.dataDir, args: smallPool });
    const guest = guestOf(again);
    for (const id of running) {
      const { response } = await guest.record(id);
      expect(response.status).toBe('whisk internal error');
      expect(JSON.stringify(response.result)).toMatch(/stopped/i);
    }
    expect((await guest.record(queued)).response.result).toEqual({ mark: 'queued' });
    expect((await guest.record(finished.activationId)).response.result).toEqual({ mark: 'finished' });
    const ids = (await guest.list()).map(({ activationId }) => activationId);
    expect([...ids].toSorted()).toEqual([...running, queued, finished.activationId].toSorted());
  });
});
