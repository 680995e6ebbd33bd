import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { openStores, temporaryDirectory } from './temporary-stores.ts';

const ROUNDS = 6;
const child = fileURLToPath(new URL('./journal-child.mjs', import.meta.url));
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Lets a process journal until it has said `lines` lines, kills it, and returns all that it had said. */
async function journalUntilKilled(dataDir: string, round: number, lines: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, dist, dataDir, String(round)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let complaint = '';
  running.stdout.setEncoding('utf8');
  running.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  running.stdout.on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > lines) running.kill('SIGKILL');
  });
  await new Promise((resolve) => running.once('close', resolve));
  const { exitCode, signalCode } = running;
  expect({ round, exitCode, signalCode, complaint }).toMatchObject({ signalCode: 'SIGKILL', complaint: '' });
  return text.split('\n').filter((line) => /^\w+ [0-9a-f]{32}$/.test(line));
}

describe('kill -9 of a process that journals', () => {
  it('loses nothing that was acknowledged and gives each activation one record or one unfinished intent', async () => {
    const dataDir = await temporaryDirectory();
    const said = { accepted: new Set<string>(), started: new Set<string>(), finished: new Set<string>() };
    for (let round = 1; round <= ROUNDS; round++) {
      for (const line of await journalUntilKilled(dataDir, round, 100 * round)) {
        const [word, id] = line.split(' ') as [keyof typeof said, string];
        said[word].add(id);
      }
      // The others are recovered by the next process that will be killed.
      if (round % 2 === 1) continue;
      const stores = await openStores(dataDir);
      const unfinished = await stores.journal.unfinished();
      const open = new Map(unfinished.map((entry) => [entry.message.activationId, entry]));
      expect(open.size).toBe(unfinished.length);
      for (const id of said.finished) {
        expect((await stores.activations.get('guest', id))?.recordJson).toContain(`{"id":"${id}"}`);
        expect(open.has(id)).toBe(false);
      }
      for (const id of said.accepted) {
        const entry = open.get(id);
        const record = await stores.activations.get('guest', id);
        expect([entry !== undefined, record !== undefined].filter(Boolean)).toHaveLength(1);
        if (!entry) continue;
        expect(entry.message.content).toBe(`{"id":"${id}"}`);
        // The start may have been written and not yet been said.
        expect(entry.started || !said.started.has(id)).toBe(true);
      }
      const { duplicates, records } = await stores.stats();
      expect(duplicates).toBe(0);
      expect(await stores.activations.count({ namespace: 'guest', skip: 0 })).toBe(records);
      await stores.close();
    }
    expect(said.finished.size).toBeGreaterThan(ROUNDS);
    expect(said.accepted.size).toBeGreaterThan(said.started.size);
    await rm(dataDir, { recursive: true });
  }, 120_000);
});
