import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { echo, useAgent } from './agent.ts';
import { pythonKind } from './kinds-of-tasks.ts';
import { groundFiles, processesOf } from './task-traces.ts';

const agent = useAgent();

describe('a task that runs the launcher', () => {
  it('initialises and runs an action over TCP, which may know its task', async () => {
    const task = await agent.startTask();
    await task.init(echo);
    expect(await task.run({ a: 'ü' })).toEqual({ args: { a: 'ü' }, task: task.id });
    await expect.poll(() => task.output.stdout).toContain('printed');
    expect(task.output.stderr).not.toContain('bwrap');
  });

  it.each([pythonKind, 'blackbox'])('runs the kind %s', async (kind) => {
    const task = await agent.startTask({ env: { VIBRISSA_KIND: kind } });
    await task.init(
      kind === 'blackbox' ? '#!/bin/sh\necho "{\\"got\\":$1}"\n' : 'def main(args): return {"got": args}',
    );
    expect(await task.run({ a: 1 })).toEqual({ got: { a: 1 } });
  });

  it('takes what is large, both ways', async () => {
    const task = await agent.startTask();
    await task.init('function main({ text }) { return { length: text.length, text }; }');
    const text = 'x'.repeat(8 * 1024 * 1024);
    expect(await task.run({ text })).toEqual({ length: text.length, text });
  });

  it('answers nobody without its token', async () => {
    const task = await agent.startTask();
    await task.init(echo);
    expect((await task.post('/run', {}, 'another')).status).toBe(403);
    expect((await task.post('/status')).json).toEqual({ initialised: true, running: 0 });
  });

  it('refuses connections beyond what its runtime can hold, and goes on', async () => {
    const task = await agent.startTask();
    await task.init(echo);
    let closed = 0;
    const sockets = Array.from({ length: 500 }, () =>
      connect(task.port, '127.0.0.1')
        .on('error', () => {})
        .on('close', () => (closed += 1))
        .resume(),
    );
    agent.later(() => sockets.forEach((socket) => socket.destroy()));
    await expect.poll(() => closed).toBeGreaterThanOrEqual(500 - 257);
    expect(closed).toBeLessThan(500);
    sockets.forEach((socket) => socket.destroy());
    await expect.poll(() => task.run({ a: 1 }).catch(() => undefined)).toMatchObject({ args: { a: 1 } });
    expect(task.launcher.exitCode).toBeNull();
  });

  it('ends with the exit code of its runtime', async () => {
    const task = await agent.startTask();
    await task.init('function main() { process.exit(7); }');
    await task.run().catch(() => {});
    expect(await task.ended).toEqual({ code: 7, signal: null });
    expect(task.output.stderr).toBe('');
  });

  it('passes on the answer of a runtime that ends right after it', async () => {
    const task = await agent.startTask();
    await task.init(`function main() {
      setTimeout(() => process.exit(5), 1);
      return { text: 'x'.repeat(100000) };
    }`);
    expect(await task.run()).toEqual({ text: 'x'.repeat(100_000) });
    expect(await task.ended).toEqual({ code: 5, signal: null });
  });

  it('says 137 when its runtime was killed', async () => {
    const task = await agent.startTask();
    await task.init(echo);
    const inner = processesOf(task).find(
      (pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/runtime/nodejs/runtime.js') &&
        !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--unshare-all'),
    );
    // To 0 the signal would go to the tests' own group.
    expect(inner).toBeGreaterThan(0);
    process.kill(inner!, 'SIGKILL');
    expect(await task.ended).toEqual({ code: 137, signal: null });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('leaves no process and no file after %s', async (signal, code) => {
    const task = await agent.startTask({ env: { VIBRISSA_API: 'http://127.0.0.1:9' } });
    await task.init(`require('child_process').spawn('sleep', ['1000'], { detached: true }); ${echo}`);
    expect(processesOf(task).length).toBeGreaterThanOrEqual(4);
    task.launcher.kill(signal);
    expect(await task.ended).toEqual({ code, signal: null });
    expect(processesOf(task)).toEqual([]);
    expect(readdirSync(task.directory)).toEqual([]);
    expect(groundFiles().filter((name) => name.includes(String(task.port)))).toEqual([]);
  });

  it('leaves no process when the launcher is killed', async () => {
    const task = await agent.startTask();
    await task.init(`require('child_process').spawn('sleep', ['1000'], { detached: true }); ${echo}`);
    task.launcher.kill('SIGKILL');
    await task.ended;
    await expect.poll(() => processesOf(task)).toEqual([]);
  });

  it('ends at once when it is told to before anything runs', async () => {
    const task = await agent.startTask();
    task.launcher.kill('SIGTERM');
    const { code, signal } = await task.ended;
    expect(signal ?? code).toSatisfy((how) => how === 'SIGTERM' || how === 143);
    await expect.poll(() => processesOf(task)).toEqual([]);
  });
});
