import { SENTINEL } from '@vibrissa/protocol';
import { ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import type { ContainerExit, LogListener } from '../../containers/container.ts';
import { logPatience, nextTurn } from './await-logs.ts';
import { LogCollector, logNotices, type ActivationLogs } from './collect-logs.ts';
import { LogFetcher, type Fetched } from './fetch-logs.ts';

const MEBIBYTE = 1024 * 1024;
const patience = logPatience(MEBIBYTE, false);

/** Logs in files: what `write` adds comes with the next fetch, which may fail or hang. */
function openFetcher() {
  const clock = new ManualClock();
  const fetchedAt: number[] = [];
  const warnings: unknown[] = [];
  const state = {
    written: '',
    fault: undefined as Error | undefined,
    gate: undefined as Promise<void> | undefined,
    broken: 0,
    /** Megabytes that one fetch goes on to bring, a piece each turn. */
    flood: 0,
    /** Milliseconds that each takes. */
    pieceMs: 0,
    brought: 0,
  };
  let listener: LogListener = () => {};
  let die: (exit: ContainerExit) => void = () => {};
  const died = new Promise<ContainerExit>((resolve) => (die = resolve));
  const logs = {
    unreadable: 'Look for them elsewhere.',
    listen: (given: LogListener) => void (listener = given),
    catchUp: async (signal?: AbortSignal) => {
      fetchedAt.push(clock.monotonicMs());
      for (let left = state.flood; left > 0 && !signal?.aborted; left--) {
        listener('stdout', Buffer.alloc(MEBIBYTE));
        state.brought += 1;
        await (state.pieceMs > 0 ? clock.sleep(state.pieceMs) : nextTurn());
      }
      const { length } = state.written;
      await state.gate;
      if (state.fault) throw state.fault;
      const bytes = Buffer.from(state.written.slice(0, length));
      state.written = state.written.slice(length);
      if (bytes.length === 0) return;
      listener('stdout', bytes);
      listener('stderr', bytes);
    },
  };
  const collector = new LogCollector('token', () => 0n);
  const fetcher = LogFetcher.open({
    container: { id: 'c', logs, died },
    collector,
    clock,
    logger: { ...silentLogger, warn: (fields: object) => void warnings.push(fields) },
    onIncomplete: () => void (state.broken += 1),
  });
  function begin(token: string) {
    const own = collector.open(MEBIBYTE);
    own.expect(collector.endMark(token));
    return own;
  }
  const write = (text: string) => void (state.written += text);
  const end = (token: string) => write(`${SENTINEL} ${token}\n`);
  const close = (logs: ActivationLogs) =>
    collector.close(logs, { developerError: false, incomplete: false }).map((line) => line.slice(31));
  return {
    clock,
    close,
    fetcher,
    fetchedAt,
    warnings,
    state,
    begin,
    write,
    end,
    die: () => die({ outOfMemory: false }),
  };
}

/** What a promise has come to. */
function watch(promise: Promise<Fetched>): { fetched?: Fetched } {
  const seen: { fetched?: Fetched } = {};
  void promise.then((fetched) => (seen.fetched = fetched));
  return seen;
}

const TOKEN = '0'.repeat(32);
const OTHER = '1'.repeat(32);

test('logs that are there are fetched once, and no timer stays', async () => {
  const { clock, fetcher, fetchedAt, begin, end } = openFetcher();
  const logs = begin(TOKEN);
  end(TOKEN);
  expect(await fetcher.rest(logs, patience)).toEqual({ whole: true });
  expect([fetchedAt, clock.pendingTimers]).toEqual([[0], 0]);
});

test('logs that are late are looked for at 0, 5, 15, 35, 85, 185 ms, then every 100 ms', async () => {
  const { clock, fetcher, fetchedAt, begin, end } = openFetcher();
  const seen = watch(fetcher.rest(begin(TOKEN), patience));
  await clock.advance(300);
  expect(fetchedAt).toEqual([0, 5, 15, 35, 85, 185, 285]);
  end(TOKEN);
  await clock.advance(100);
  expect([seen.fetched, clock.pendingTimers]).toEqual([{ whole: true }, 0]);
});

test('whoever comes later is served at once, by fetches for all', async () => {
  const { clock, fetcher, fetchedAt, begin, end } = openFetcher();
  const first = watch(fetcher.rest(begin(TOKEN), patience));
  await clock.advance(90);
  const logs = begin(OTHER);
  end(OTHER);
  const second = watch(fetcher.rest(logs, patience));
  await clock.advance(0);
  expect([first.fetched, second.fetched, fetchedAt.at(-1)]).toEqual([undefined, { whole: true }, 90]);
});

test('whoever comes during a fetch has another one right after it', async () => {
  const { clock, fetcher, fetchedAt, state, begin, end } = openFetcher();
  const first = watch(fetcher.rest(begin(TOKEN), patience));
  await clock.advance(90);
  let go = () => {};
  state.gate = new Promise((resolve) => (go = resolve));
  await clock.advance(100);
  const logs = begin(OTHER);
  const second = watch(fetcher.rest(logs, patience));
  await clock.advance(1);
  end(OTHER);
  state.gate = undefined;
  go();
  await clock.advance(0);
  expect([first.fetched, second.fetched, fetchedAt.slice(-2)]).toEqual([
    undefined,
    { whole: true },
    [185, 191],
  ]);
});

test('logs that never end cost the container, after 2 s in which nothing came', async () => {
  const { clock, fetcher, state, begin, write } = openFetcher();
  const seen = watch(fetcher.rest(begin(TOKEN), patience));
  await clock.advance(1900);
  write('something\n');
  await clock.advance(1900);
  expect(seen.fetched).toBeUndefined();
  await clock.advance(300);
  expect([seen.fetched, state.broken, clock.pendingTimers]).toEqual([{ whole: false }, 1, 0]);
});

test('the end of the container wakes it up for one last look', async () => {
  const { clock, fetcher, fetchedAt, state, begin, die } = openFetcher();
  const seen = watch(fetcher.rest(begin(TOKEN), patience));
  await clock.advance(200);
  fetchedAt.length = 0;
  die();
  await clock.advance(0);
  expect([fetchedAt, seen.fetched, state.broken]).toEqual([[200], { whole: false }, 1]);
  const after = watch(fetcher.rest(begin(OTHER), patience));
  await clock.advance(0);
  expect([fetchedAt, after.fetched]).toEqual([[200, 200], { whole: false }]);
});

test('files that cannot be read for a moment cost nothing', async () => {
  const { clock, fetcher, state, warnings, begin, end } = openFetcher();
  const logs = begin(TOKEN);
  end(TOKEN);
  state.fault = new Error('the agent restarts');
  const seen = watch(fetcher.rest(logs, patience));
  await clock.advance(1000);
  state.fault = undefined;
  await clock.advance(100);
  expect([seen.fetched, state.broken, warnings.length]).toEqual([{ whole: true }, 0, 1]);
});

test('files that cannot be read are told of, once in the log and to each who waits', async () => {
  const { clock, fetcher, state, warnings, begin } = openFetcher();
  state.fault = new Error('no such file');
  const seen = [watch(fetcher.rest(begin(TOKEN), patience)), watch(fetcher.rest(begin(OTHER), patience))];
  await clock.advance(2200);
  const told = { whole: false, unreadable: 'Look for them elsewhere.' };
  expect([seen.map(({ fetched }) => fetched), warnings.length]).toEqual([[told, told], 1]);
  // Their agent is down, and their ends may be in the files all the same.
  expect(state.broken).toBe(0);
});

test('files of very many activations that cannot be read cost the container', async () => {
  const { clock, fetcher, state, begin } = openFetcher();
  state.fault = new Error('no such file');
  for (let count = 0; count < 1001; count++) void fetcher.rest(begin(TOKEN), patience);
  await clock.advance(2200);
  expect(state.broken).toBe(1);
});

test('a fetch that hangs is not waited for beyond patience, or when waiting is given up', async () => {
  const { clock, fetcher, state, begin } = openFetcher();
  state.gate = new Promise(() => {});
  const patient = watch(fetcher.rest(begin(TOKEN), patience));
  await clock.advance(2500);
  expect([patient.fetched, state.broken]).toEqual([{ whole: false }, 0]);
  const late = watch(fetcher.rest(begin(OTHER), patience));
  await clock.advance(0);
  fetcher.giveUp();
  await clock.advance(0);
  expect([late.fetched, clock.pendingTimers]).toEqual([{ whole: false }, 0]);
});

test('what is being fetched while this process is held up is waited for', async () => {
  const { begin, clock, end, fetcher, state } = openFetcher();
  let answer = () => {};
  state.gate = new Promise((resolve) => (answer = resolve));
  end('a');
  const rest = fetcher.rest(begin('a'), patience);
  await clock.advance(400);
  // Nothing has run for so long; then the timers fire first.
  const passed = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => passed() + patience.idleMs;
  await clock.advance(200);
  answer();
  expect(await rest).toEqual({ whole: true });
});

test('what is there at present is one fetch, well or badly', async () => {
  const { clock, fetcher, fetchedAt, state } = openFetcher();
  expect(await fetcher.present(patience)).toEqual({ whole: true });
  state.fault = new Error('no such file');
  expect(await fetcher.present(patience)).toEqual({ whole: false, unreadable: 'Look for them elsewhere.' });
  expect(state.broken).toBe(1);
  expect([fetchedAt, clock.pendingTimers]).toEqual([[0, 0], 0]);
});

test('a flood is not read far beyond the limit: its record says that it was cut, and the container goes', async () => {
  const { clock, close, fetcher, fetchedAt, state, begin } = openFetcher();
  state.flood = 1000;
  const [logs, others] = [begin(TOKEN), begin(OTHER)];
  const fetched = [fetcher.rest(logs, patience), fetcher.rest(others, patience)];
  expect(await Promise.all(fetched)).toEqual([{ whole: true }, { whole: false }]);
  const lines = close(logs);
  expect(lines.at(-1)).toBe(`stderr: ${logNotices.truncated(MEBIBYTE)}`);
  expect(lines.join('\n')).not.toContain(logNotices.incomplete);
  await clock.advance(0);
  expect(state.brought).toBeLessThan(25);
  expect(state.broken).toBeGreaterThan(0);
  expect(await fetcher.rest(others, patience)).toEqual({ whole: false });
  expect([fetchedAt.length, clock.pendingTimers]).toEqual([1, 0]);
});

test('what comes without an end is not read any more when nobody waits, and is no silent agent', async () => {
  const { clock, fetcher, state, begin } = openFetcher();
  Object.assign(state, { flood: 1000, pieceMs: 1000 });
  const fetched = fetcher.rest(begin(TOKEN), { idleMs: 2000, overallMs: 5000 });
  await clock.advance(5000);
  expect(await fetched).toEqual({ whole: false });
  await clock.advance(60_000);
  expect([state.brought <= 6, state.broken]).toEqual([true, 1]);
});
