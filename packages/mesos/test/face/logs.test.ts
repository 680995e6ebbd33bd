import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import { systemClock } from '../../src/base/clock.ts';
import type { LogOptions, LogPage } from '../../src/index.ts';
import { openScheduler, turns } from './open-scheduler.ts';

/** An agent that serves the files of sandboxes, by their virtual paths, as they are at the moment. */
async function serveFiles(files: Map<string, string>): Promise<number> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://agent');
    const text = files.get(searchParams.get('path') ?? '');
    if (pathname !== '/files/read' || text === undefined) return void response.writeHead(404).end();
    const bytes = Buffer.from(text);
    const offset = Number(searchParams.get('offset') ?? -1);
    const length = Number(searchParams.get('length') ?? bytes.length);
    const answer =
      offset < 0
        ? { data: '', offset: bytes.length }
        : { data: bytes.subarray(offset, offset + length).toString(), offset };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function runningWith(files: Map<string, string>) {
  const port = await serveFiles(files);
  const opened = await openScheduler({ clock: systemClock });
  await opened.scheduler.subscribe();
  const task = opened.scheduler.submit({ id: 'talker', command: 'true', cpus: 1, memoryMb: 32 });
  opened.master.offer(4, 1024, { name: 'agent-1', port });
  return { ...opened, task, running: await task.running };
}

const sandbox = '/frameworks/fw/executors/talker/runs/latest';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('a running task’s lines are read through its agent: all, the last ones, of any file', async () => {
  const { running } = await runningWith(
    new Map([
      [`${sandbox}/stdout`, 'one\ntwo\nthree\n'],
      [`${sandbox}/logs/app.log`, 'app'],
    ]),
  );
  expect(await all(running.logs())).toEqual(['one', 'two', 'three']);
  expect(await all(running.logs({ lines: 1 }))).toEqual(['three']);
  expect(await all(running.logs({ file: 'logs/app.log' }))).toEqual(['app']);
});

test('pages say where to go on', async () => {
  const { running } = await runningWith(new Map([[`${sandbox}/stdout`, 'one\ntwo\n']]));
  const pages: LogPage[] = await all(running.logPages({ from: { offset: 4 } }));
  expect(pages).toMatchObject([{ text: 'two\n', offset: 4, nextOffset: 8 }]);
});

test('lines that are followed end with the task, after what it wrote last', async () => {
  const files = new Map([[`${sandbox}/stdout`, 'one\n']]);
  const { master, running, task } = await runningWith(files);
  const followed = running.logs({ follow: true });
  expect(await followed.next()).toEqual({ done: false, value: 'one' });
  files.set(`${sandbox}/stdout`, 'one\nlast words');
  master.update('talker', 'TASK_FINISHED');
  await task.ended;
  expect(await followed.next()).toEqual({ done: false, value: 'last words' });
  expect(await followed.next()).toEqual({ done: true, value: undefined });
});

test('a file that is not there is an error that says so', async () => {
  const { running } = await runningWith(new Map());
  await expect(all(running.logs())).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
});

test('of a task that was found in Mesos nobody knows the agent’s address', async () => {
  const { scheduler, master } = await openScheduler();
  await scheduler.subscribe();
  await turns();
  master.update('found', 'TASK_RUNNING');
  await turns();
  const running = await scheduler.task('found')!.running;
  expect(running).toMatchObject({ taskId: 'found', agent: { id: 'agent-1' }, endpoint: undefined });
  expect(() => running.logs()).toThrow(expect.objectContaining({ code: 'NO_SANDBOX' }));
});

test('followed lines that `close` cuts off end with CLOSED, not as if the task had ended', async () => {
  const { scheduler, running } = await runningWith(new Map([[`${sandbox}/stdout`, 'one\n']]));
  const followed = running.logs({ follow: true });
  expect(await followed.next()).toEqual({ done: false, value: 'one' });
  const next = followed.next().catch((reason: unknown) => reason);
  await scheduler.close();
  expect(await next).toMatchObject({ code: 'CLOSED' });
  await expect(all(running.logs())).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(all(running.logs({ follow: true }))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('after a teardown the sandbox can still be read, and what is followed ends with its task', async () => {
  const { scheduler, running } = await runningWith(new Map([[`${sandbox}/stdout`, 'one\n']]));
  const followed = all(running.logs({ follow: true }));
  await scheduler.teardown();
  expect(await followed).toEqual(['one']);
  expect(await all(running.logs())).toEqual(['one']);
});

test('what is followed ends with NOT_LEADER when another one has taken the framework', async () => {
  const { master, running } = await runningWith(new Map([[`${sandbox}/stdout`, 'one\n']]));
  const followed = all(running.logs({ follow: true }));
  master.tell({ type: 'ERROR', error: { message: 'Framework failed over' } });
  await expect(followed).rejects.toMatchObject({ code: 'NOT_LEADER' });
});

test.each([
  [{ folow: true }, /did you mean options\.follow\?/],
  [{ lines: -1 }, /options\.lines is -1/],
])('options %o of the logs are refused', async (options, message) => {
  const { running } = await runningWith(new Map());
  expect(() => running.logs(options as LogOptions)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
  );
});

test.each([
  [{ from: { offset: -1 } }, /request\.from\.offset/],
  [{ from: { offset: 1, lastLines: 1 } }, /one of/],
])('a request %o for pages is refused', async (request, message) => {
  const { running } = await runningWith(new Map());
  expect(() => running.logPages(request)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
  );
});
