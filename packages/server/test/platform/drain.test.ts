import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { tellActions, untilTold, witness, witnessCode } from './witness.ts';

afterEach(cleanUp);
afterAll(cleanUp);

const root = fileURLToPath(new URL('../../../..', import.meta.url));

const sleeper = `${witnessCode}
async function main({ begun, until, ms = 0, mark }) {
  console.log('so far');
  if (begun) await tell(begun);
  if (until) await hear(until);
  await pause(ms);
  return { mark };
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

/** Two that take all of the small pool, and whose code has begun. */
async function startTwo(guest: ReturnType<typeof guestOf>): Promise<readonly string[]> {
  const begin = (begun: string) => guest.start('sleeper', { begun, ms: 50_000 });
  const ids = [await begin('one'), await begin('two')];
  await untilTold(guest, 'one', 'two');
  return ids;
}

describe.each([
  ['SIGTERM', (platform: PlatformProcess) => platform.signal('SIGTERM')],
  ['SIGINT to the whole process group', (platform: PlatformProcess) => platform.signalGroup('SIGINT')],
])('%s', (_, stop) => {
  it('lets what runs end, gives its client the result, and leaves no process behind', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=20000'] });
    const guest = guestOf(platform);
    await guest.create('sleeper', sleeper, witness);
    const reply = guest.invoke('sleeper', { begun: 'begun', until: 'go', mark: 'done' });
    await untilTold(guest, 'begun');
    stop(platform);
    await platform.says('Stopping:');
    await tellActions(platform, 'go');
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
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: root,
      // A group of its own, so that nothing of it outlives a test that fails.
      detached: true,
    });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    let isClosed = false;
    const closed = new Promise<void>((resolve) => npm.once('close', () => resolve()));
    void closed.then(() => (isClosed = true));
    try {
      while (!output.includes('Ready on port') && !isClosed) await sleep(20);
      expect(output).toContain('Ready on port');
      npm.kill('SIGTERM');
      await closed;
    } finally {
      if (!isClosed) process.kill(-npm.pid!, 'SIGKILL');
    }
    expect(output).toContain('Stopped.');
    expect(processesOf({ dataDir })).toEqual([]);
  });
});

describe('a drain', () => {
  it('records as stopped what outlives its grace', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=300'] });
    const guest = guestOf(platform);
    await guest.create('sleeper', sleeper, witness);
    const id = await guest.start('sleeper', { begun: 'begun', ms: 50_000 });
    await untilTold(guest, 'begun');
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
    const guest = guestOf(platform);
    await guest.create('sleeper', sleeper, witness);
    const running = await startTwo(guest);
    const queued = await guest.start('sleeper', { mark: 'queued' });
    expect((await platform.stop()).code).toBe(0);
    const again = await startPlatform({ dataDir: platform.dataDir, args: smallPool });
    const { list, record } = guestOf(again);
    expect((await record(queued)).response.result).toEqual({ mark: 'queued' });
    for (const id of running) {
      expect((await record(id)).response.status).toBe('whisk internal error');
    }
    const ids = (await list()).map(({ activationId }) => activationId);
    expect([...ids].toSorted()).toEqual([...running, queued].toSorted());
  });

  it('goes on after a pause in which the machine stood still', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=300'] });
    const guest = guestOf(platform);
    await guest.create('sleeper', sleeper, witness);
    await guest.start('sleeper', { begun: 'begun', ms: 50_000 });
    await untilTold(guest, 'begun');
    platform.signal('SIGTERM');
    await platform.says('Stopping:');
    platform.signal('SIGSTOP');
    await sleep(3000);
    platform.signal('SIGCONT');
    expect(await platform.exited).toEqual({ code: 0, signal: null });
    expect(platform.stdout).toContain('Stopped.');
  });

  it('ends at once at a second signal', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=60000'] });
    const guest = guestOf(platform);
    await guest.create('sleeper', sleeper, witness);
    await guest.start('sleeper', { begun: 'begun', ms: 50_000 });
    await untilTold(guest, 'begun');
    platform.signal('SIGTERM');
    await platform.says('Stopping:');
    // What comes sooner than that is taken for the same wish.
    await sleep(1000);
    platform.signal('SIGTERM');
    expect(await platform.exited).toEqual({ code: 1, signal: null });
    expect(platform.stderr).toContain('stopping at once');
  });
});

describe('after kill -9', () => {
  it('runs what never started, and records what may have started as stopped', async () => {
    const platform = await startPlatform({ args: smallPool });
    const guest = guestOf(platform);
    await guest.create('sleeper', sleeper, witness);
    const finished = (await guest.invoke('sleeper', { mark: 'finished' })).body as Activation;
    const running = await startTwo(guest);
    const queued = await guest.start('sleeper', { mark: 'queued' });
    await platform.kill();

    const again = await startPlatform({ dataDir: platform.dataDir, args: smallPool });
    const { list, record } = guestOf(again);
    for (const id of running) {
      const { response } = await record(id);
      expect(response.status).toBe('whisk internal error');
      expect(JSON.stringify(response.result)).toMatch(/stopped/i);
    }
    expect((await record(queued)).response.result).toEqual({ mark: 'queued' });
    expect((await record(finished.activationId)).response.result).toEqual({ mark: 'finished' });
    const ids = (await list()).map(({ activationId }) => activationId);
    expect([...ids].toSorted()).toEqual([...running, queued, finished.activationId].toSorted());
  });
});
