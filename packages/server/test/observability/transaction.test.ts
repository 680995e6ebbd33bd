import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  cleanUp,
  guestOf,
  startPlatform,
  temporaryDirectory,
  type PlatformProcess,
} from '../platform/platform-process.ts';
import { linesAbout, logUntil, type LogLine } from './log-lines.ts';

const file = join(temporaryDirectory(), 'log.jsonl');
let platform: PlatformProcess;
let guest: ReturnType<typeof guestOf>;

const collection = '/api/v1/namespaces/_';

beforeAll(async () => {
  platform = await startPlatform({ args: ['--set', 'log.level=debug', '--set', `log.file=${file}`] });
  guest = guestOf(platform);
  const tell = `() => ({ transaction: process.env.__OW_TRANSACTION_ID })`;
  await guest.create('first', `exports.main = ${tell}`);
  await guest.create(
    'second',
    `exports.main = ({ transaction }) => ({ first: transaction, second: process.env.__OW_TRANSACTION_ID })`,
  );
  const components = ['/_/first', '/_/second'];
  await guest.call(`PUT ${collection}/actions/both`, { exec: { kind: 'sequence', components } });
});
afterAll(cleanUp);

function post(path: string, transactionId: string, body: object = {}) {
  const headers = { 'x-request-id': transactionId };
  return ask({ port: platform.port, key: platform.key, headers }, `POST ${collection}/${path}`, body);
}

const stepsOf = (lines: readonly LogLine[]) => lines.map(({ step }) => step).filter(Boolean);

/** Of one transaction, once so many of its steps have ended: what is written last depends on chance. */
async function followed(
  transactionId: string,
  ends: { readonly [step: string]: number },
): Promise<LogLine[]> {
  const lines = await logUntil(file, (all) => {
    const steps = stepsOf(linesAbout(transactionId, all));
    return Object.entries(ends).every(
      ([name, count]) => steps.filter((step) => step === name).length >= count,
    );
  });
  return linesAbout(transactionId, lines);
}

describe('one transaction', () => {
  it('is followed by its id through a sequence of two actions, from the edge to the containers and back', async () => {
    const reply = await post('actions/both?blocking=true', 'trace-me-1');
    const { activationId, response } = reply.body as {
      activationId: string;
      response: { result: { first: string; second: string } };
    };
    const { first, second } = response.result;
    const lines = await followed('trace-me-1', { receive: 1, record: 3 });
    expect(new Set(lines.map((line) => line.transactionId))).toEqual(new Set(['trace-me-1', first, second]));
    for (const [name, transactionId] of [
      ['first', first],
      ['second', second],
    ]) {
      const own = lines.filter((line) => line.transactionId === transactionId && line.step !== undefined);
      expect(stepsOf(own)).toEqual(
        expect.arrayContaining(['schedule', 'publish', 'container', 'init', 'run', 'record', 'activation']),
      );
      const run = own.find(({ step }) => step === 'run');
      expect(run).toMatchObject({ action: `guest/${name}`, invoker: 0, level: 'debug' });
      expect(run?.containerId).toBeTruthy();
      expect(run?.activationId).toMatch(/^[0-9a-f]{32}$/);
    }
    const whole = lines.filter((line) => line.transactionId === 'trace-me-1');
    expect(stepsOf(whole)).toEqual(['authenticate', 'entitle', 'resolve', 'record', 'receive']);
    expect(whole.find(({ step }) => step === 'record')).toMatchObject({ activationId, action: 'guest/both' });
  });

  it('is carried on by an action that calls the platform with the id that it was given', async () => {
    await guest.create(
      'caller',
      `exports.main = async () => {
         const { __OW_API_HOST: host, __OW_API_KEY: key, __OW_TRANSACTION_ID: id } = process.env;
         const headers = { authorization: 'Basic ' + btoa(key), 'x-request-id': id };
         const url = host + '/api/v1/namespaces/_/actions/first?blocking=true&result=true';
         return (await fetch(url, { method: 'POST', headers })).json();
       }`,
      { annotations: [{ key: 'provide-api-key', value: true }] },
    );
    const reply = await post('actions/caller?blocking=true&result=true', 'trace-me-2');
    expect(reply.body).toEqual({ transaction: 'trace-me-2' });
    const lines = await followed('trace-me-2', { receive: 2, record: 2 });
    expect(lines.filter(({ step }) => step === 'receive')).toHaveLength(2);
    const ran = lines.filter(({ step }) => step === 'run').map(({ action }) => action);
    expect(ran).toEqual(['guest/first', 'guest/caller']);
  });

  it('is followed through a trigger, its rules and their actions', async () => {
    await guest.call(`PUT ${collection}/triggers/event`, {});
    for (const name of ['one', 'two']) {
      await guest.call(`PUT ${collection}/rules/${name}`, { trigger: '/_/event', action: '/_/first' });
    }
    expect((await post('triggers/event', 'trace-me-3')).status).toBe(202);
    const lines = await followed('trace-me-3', { receive: 1, record: 3 });
    expect(lines.filter(({ step }) => step === 'activation')).toHaveLength(2);
    expect(lines.filter(({ step }) => step === 'run')).toHaveLength(2);
    expect(new Set(lines.map((line) => line.transactionId))).toEqual(new Set(['trace-me-3']));
  });
});
