import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { SENTINEL } from '@vibrissa/protocol';
import { ManualClock } from '@vibrissa/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { awaitLogs } from './await-logs.ts';
import { LogCollector } from './collect-logs.ts';

const TOKEN = '0'.repeat(32);
const MEBIBYTE = 1024 * 1024;
const patience = { idleMs: 2000, overallMs: 5000 };

let sockets: Socket[];
beforeEach(() => (sockets = []));
afterEach(() => {
  for (const socket of sockets) socket.destroy();
});

/** Logs that come by a socket; `write` fills it, and they are read when this process looks at its sockets. */
async function openLogs() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const writer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [reader] = (await once(server, 'connection')) as [Socket];
  server.close();
  sockets.push(writer, reader);
  if (writer.connecting) await once(writer, 'connect');
  const collector = new LogCollector('token', () => 0n);
  reader.on('data', (bytes: Buffer) => {
    for (const stream of ['stdout', 'stderr'] as const) collector.feed(stream, bytes);
  });
  const logs = collector.open(MEBIBYTE);
  logs.expect(collector.endMark(TOKEN));
  return { logs, reader, write: (text: string) => void writer.write(text) };
}

/** As after a turn that took long: timers fire, and then sockets are looked at. */
async function holdUp(clock: ManualClock, { write, ms }: { write: () => void; ms: number }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  write();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  clock.advanceSync(ms);
}

test('logs whose end has come while this process was held up are whole', async () => {
  for (const heldUpMs of [patience.idleMs, patience.overallMs]) {
    const clock = new ManualClock();
    const { logs, write } = await openLogs();
    const whole = awaitLogs(clock, logs, patience);
    await holdUp(clock, { write: () => write(`${SENTINEL} ${TOKEN}\n`), ms: heldUpMs });
    expect(await whole).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  }
});

test('logs are waited for as long as something comes, though this process was held up meanwhile', async () => {
  const clock = new ManualClock();
  const { logs, reader, write } = await openLogs();
  let whole: boolean | undefined;
  void awaitLogs(clock, logs, patience).then((is) => (whole = is));
  const read = once(reader, 'data');
  await holdUp(clock, { write: () => write('a line\n'), ms: 2000 });
  await read;
  await clock.advance(1999);
  expect(whole).toBeUndefined();
  await clock.advance(1);
  expect(whole).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

test('logs without an end are waited for no longer than patience lasts, whatever comes', async () => {
  const clock = new ManualClock();
  const { logs, reader, write } = await openLogs();
  let whole: boolean | undefined;
  void awaitLogs(clock, logs, patience).then((is) => (whole = is));
  for (let second = 1; second <= 4; second++) {
    const read = once(reader, 'data');
    write('a line\n');
    await read;
    await clock.advance(1000);
  }
  await clock.advance(999);
  expect(whole).toBeUndefined();
  await clock.advance(1);
  expect(whole).toBe(false);
});
