import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { FrameworkClient, send } from './framework-client.ts';

let simulator: MesosSimulator;
let framework: FrameworkClient;

beforeAll(async () => {
  simulator = await MesosSimulator.open({ agents: 2, masters: 2, cluster: 'demo' });
  framework = await FrameworkClient.subscribe(simulator.url);
  await framework.launch({
    id: 'shown',
    name: '<b>bold</b>',
    command: { value: 'echo for people; sleep 1000' },
  });
  await framework.state('shown', 'TASK_RUNNING');
});
afterAll(async () => {
  framework.close();
  await simulator.stop();
});

describe('the page', () => {
  it('shows frameworks, agents, offers and tasks, without anything from elsewhere', async () => {
    const { status, text, headers } = await send(`${simulator.url}/`);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    for (const part of [
      framework.frameworkId,
      'TASK_RUNNING',
      'demo',
      simulator.agents[1]?.agentId ?? '',
      '-O1',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\/(?!127\.)/);
  });

  it('escapes what frameworks name things', async () => {
    const { text } = await send(`${simulator.url}/`);
    expect(text).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(text).not.toContain('<b>bold');
  });

  it('links to logs that a browser shows', async () => {
    const { text } = await send(`${simulator.url}/`);
    const [, link = ''] = /<a\s+href="([^"]+stdout)"/.exec(text) ?? [];
    const log = await send(link.replaceAll('&amp;', '&'));
    expect([log.text, log.headers['content-type']]).toEqual(['for people\n', 'text/plain; charset=utf-8']);
    expect((await send(link.replace('stdout', 'nothing'))).status).toBe(404);
  });

  it('is where the leader is', async () => {
    const answer = await send(`${simulator.urls[1]}/`);
    expect([answer.status, answer.headers.location]).toEqual([307, `${simulator.url}/`]);
  });
});
