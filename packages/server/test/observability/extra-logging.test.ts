import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../src/base/request-context.ts';
import { ScriptedInvocations, guest, openRest, stranger, type RestFixture } from '../rest/rest-fixture.ts';
import {
  ask,
  cleanUp,
  guestOf,
  startPlatform,
  temporaryDirectory,
  type PlatformProcess,
} from '../platform/platform-process.ts';
import { linesAbout, linesOf, logUntil } from './log-lines.ts';

const on = { 'x-ow-extra-logging': 'On' };
const path = '/api/v1/namespaces/_/actions/hello?blocking=true';

describe('a request with X-OW-EXTRA-LOGGING: on', () => {
  const file = join(temporaryDirectory(), 'log.jsonl');
  let platform: PlatformProcess;

  beforeAll(async () => {
    const settings = ['activation.storeBlockingResultLevel=STORE_FAILURES', `log.file=${file}`];
    platform = await startPlatform({ args: settings.flatMap((setting) => ['--set', setting]) });
    const annotations = [{ key: 'web-export', value: true }];
    await guestOf(platform).create('hello', 'exports.main = (args) => ({ body: args })', { annotations });
  });
  afterAll(cleanUp);

  const invoke = async (transactionId: string, headers: { [name: string]: string }) => {
    const target = { port: platform.port, key: platform.key };
    const asked = { ...target, headers: { ...headers, 'x-request-id': transactionId } };
    const { body } = await ask(asked, `POST ${path}`, {});
    return (body as { activationId: string }).activationId;
  };
  const statusOf = async (activationId: string) =>
    (await guestOf(platform).call(`GET /api/v1/namespaces/_/activations/${activationId}`)).status;

  it('is logged in full at level info, and its record is kept; others are neither', async () => {
    const quiet = await invoke('quiet', {});
    const off = await invoke('off', { 'x-ow-extra-logging': 'off' });
    const loud = await invoke('loud', on);
    const lines = await logUntil(file, (all) =>
      linesAbout('loud', all).some(({ step }) => step === 'receive'),
    );
    const steps = linesAbout('loud', lines).map(({ step }) => step);
    expect(steps).toEqual(
      expect.arrayContaining(['authenticate', 'entitle', 'resolve', 'schedule', 'publish', 'run', 'record']),
    );
    expect(linesAbout('quiet', lines)).toEqual([]);
    expect(linesAbout('off', lines)).toEqual([]);
    await guestOf(platform).record(loud);
    expect(await statusOf(quiet)).toBe(404);
    expect(await statusOf(off)).toBe(404);
  });

  it('shows the header to no action', async () => {
    const headers = { ...on, 'x-mine': 'yes' };
    const reply = await ask({ port: platform.port, headers }, 'GET /api/v1/web/guest/default/hello.json');
    expect(reply.text).toContain('x-mine');
    expect(reply.text.toLowerCase()).not.toContain('extra-logging');
  });

  it('has no effect by itself on the log of the platform', () => {
    const debug = linesOf(file).filter(({ level }) => level === 'debug');
    const ids = new Set(debug.map(({ transactionId }) => transactionId));
    expect(ids).toContain('loud');
    expect(ids).not.toContain(undefined);
  });
});

describe('who may ask for extra logging', () => {
  let rest: RestFixture;
  afterEach(() => rest.close());

  /** Whether each request had it. */
  async function open(options: Parameters<typeof openRest>[0]): Promise<boolean[]> {
    const had: boolean[] = [];
    class Listening extends ScriptedInvocations {
      override invoke(context: RequestContext, request: Parameters<ScriptedInvocations['invoke']>[1]) {
        had.push(context.extraLogging === true);
        return super.invoke(context, request);
      }
    }
    rest = await openRest({ ...options, overrides: { invocations: new Listening() } });
    for (const as of [guest, stranger]) {
      await rest.call('PUT', '_/actions/hello', { as, body: { exec: { kind: 'nodejs:20', code: 'x' } } });
    }
    return had;
  }
  const invoke = (as: typeof guest, headers: { readonly [name: string]: string }) =>
    rest.call('POST', '_/actions/hello', { as, headers });

  it('is every caller on this machine, but none that comes through a proxy or a browser', async () => {
    const had = await open({});
    await invoke(guest, on);
    await invoke(guest, { ...on, 'x-forwarded-for': '1.2.3.4' });
    await invoke(guest, { ...on, origin: 'http://example.com' });
    expect(had).toEqual([true, false, false]);
  });

  it('is elsewhere who has a key of a namespace that the settings name', async () => {
    const had = await open({ trust: 'no-peer', extraLoggingFor: ['stranger'] });
    await invoke(guest, on);
    await invoke(stranger, on);
    await invoke(stranger, { 'x-ow-extra-logging': 'on, on' });
    await invoke(stranger, { 'x-ow-extra-logging': 'true' });
    expect(had).toEqual([false, true, false, false]);
  });
});
