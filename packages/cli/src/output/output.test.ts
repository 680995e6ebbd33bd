import { expect, test } from 'vitest';
import { createOutput, visible } from './output.ts';
import { withProgress } from './progress.ts';
import type { Clock } from '../base/clock.ts';

test('control characters become visible; tabs and line feeds stay', () => {
  expect(visible('a\u001b[31m\tb\nc\u0000\u007f\u009b')).toBe('a\\x1b[31m\tb\nc\\x00\\x7f\\x9b');
  expect(visible('safe\u202etxt.exe\u2069 \u061c é \u{1f469}\u200d\u{1f373}')).toBe(
    'safe\\u202etxt.exe\\u2069 \\u061c é \u{1f469}\u200d\u{1f373}',
  );
});

function terminal(isTTY: boolean): { text: () => string; output: ReturnType<typeof createOutput> } {
  let text = '';
  const sink = { isTTY, write: (piece: string) => (text += piece) };
  return { text: () => text, output: createOutput('text', { stdout: sink, stderr: sink, environment: {} }) };
}

/** A clock whose hands move when it is told to. */
function manualClock(): Clock & { advance: (ms: number) => void } {
  let now = 0;
  const callbacks = new Set<() => void>();
  return {
    now: () => now,
    sleep: () => Promise.resolve(),
    every: (_, callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    advance: (ms) => {
      now += ms;
      for (const callback of callbacks) callback();
    },
  };
}

test('a long wait shows how long it lasts, and leaves nothing behind', async () => {
  const clock = manualClock();
  const { text, output } = terminal(true);
  const { promise, resolve } = deferred();
  const waiting = withProgress('waiting', promise, { output, clock });
  clock.advance(500);
  expect(text()).toBe('');
  clock.advance(2500);
  expect(text()).toContain('waiting (3 s)');
  resolve('done');
  expect(await waiting).toBe('done');
  expect(text().endsWith('\r\u001b[K')).toBe(true);
  const before = text();
  clock.advance(5000);
  expect(text()).toBe(before);
});

test('what is not a terminal sees no progress', async () => {
  const clock = manualClock();
  const { text, output } = terminal(false);
  const { promise, resolve } = deferred();
  const waiting = withProgress('waiting', promise, { output, clock });
  clock.advance(5000);
  resolve('done');
  await waiting;
  expect(text()).toBe('');
});

function deferred(): { promise: Promise<string>; resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => (resolve = settle));
  return { promise, resolve };
}
