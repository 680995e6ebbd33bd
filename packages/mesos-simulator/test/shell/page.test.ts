import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send } from './framework-client.ts';

let simulator: MesosSimulator;
let framework: FrameworkClient;

beforeAll(async () => {
  simulator = await MesosSimulator.open({
    agents: [{ resources: 'cpus:8;mem:16384;ports:[31003-31003, 31005-31006]' }, {}],
    masters: 2,
    cluster: 'demo',
  });
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

  it('shortens long ids, shows one port as one, and says what was told to go wrong', async () => {
    const { frameworkId } = framework;
    simulator.control.addFault({ on: 'calls', type: 'REVIVE', fault: { kind: 'swallow' }, times: 2 });
    const { text } = await send(`${simulator.url}/`);
    expect(text).toContain(
      `<code title="${frameworkId}">${frameworkId.slice(0, 8)}…${frameworkId.slice(-12)}</code>`,
    );
    expect(text).toContain('<a href="/simulator">');
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/REVIVE <\/td> <td class="bad">swallow<\/td> <td>0 of 2</);
    expect(text).toMatch(/ports \[31003, 31005-31006\]/);
  });

  it('escapes what frameworks name things', async () => {
    const { text } = await send(`${simulator.url}/`);
    expect(text).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(text).not.toContain('<b>bold');
  });

  it('links to logs that a browser shows', async () => {
    const { text } = await send(`${simulator.url}/`);
    const [, link = ''] = /<a\s+href="([^"]+stdout)"/.exec(text) ?? [];
    // A task runs before it has written anything.
    const log = await eventually(async () => {
      const answer = await send(link.replaceAll('&amp;', '&'));
      return answer.text !== '' && answer;
    });
    expect([log.text, log.headers['content-type']]).toEqual(['for people\n', 'text/plain; charset=utf-8']);
    expect((await send(link.replace('stdout', 'nothing'))).status).toBe(404);
  });

  it('is where the leader is', async () => {
    const answer = await send(`${simulator.urls[1]}/`);
    expect([answer.status, answer.headers.location]).toEqual([307, `${simulator.url}/`]);
  });
});
