import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../platform/make-certificate.ts';
import { useAgent } from './agent.ts';

const agent = useAgent();

describe("the platform's API, from an action in a task", () => {
  const call = `exports.main = async () => {
    try { return { text: await (await fetch(process.env.__OW_API_HOST + '/ping')).text() }; }
    catch (error) { return { failed: true }; }
  };`;
  const ping: RequestListener = (incoming, outgoing) => outgoing.end(`pong ${incoming.url}`);

  it('is reached by its usual address', async () => {
    const port = await agent.listen(createHttpServer(ping));
    const task = await agent.startTask({ env: { VIBRISSA_API: `http://127.0.0.1:${port}` } });
    await task.init(call);
    expect(await task.run()).toEqual({ text: 'pong /ping' });
  });

  it('is reached over TLS, when its certificate is trusted', async () => {
    const files = makeCertificate(agent.scratch);
    const cert = readFileSync(files.cert, 'utf8');
    const api = createHttpsServer({ key: readFileSync(files.key), cert }, ping);
    const VIBRISSA_API = `https://127.0.0.1:${await agent.listen(api)}`;
    const trusting = await agent.startTask({ env: { VIBRISSA_API, VIBRISSA_API_CA: cert } });
    await trusting.init(call);
    expect(await trusting.run()).toEqual({ text: 'pong /ping' });
    const strict = await agent.startTask({ env: { VIBRISSA_API } });
    await strict.init(call);
    expect(await strict.run()).toEqual({ failed: true });
  });

  it('fails at once when nothing is there', async () => {
    // Below the range of which systems hand out ports: a task that starts meanwhile can't be given it.
    const task = await agent.startTask({ env: { VIBRISSA_API: 'http://127.0.0.1:1' } });
    await task.init(call);
    expect(await task.run()).toEqual({ failed: true });
  });
});
