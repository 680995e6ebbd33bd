import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { ClusterNode, parseAddress, type SeedSource } from '@vibrissa/cluster';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { ClusteredScheduler, serveStatus, type StatusServer } from '@vibrissa/mesos-ha';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../packages/server/bin/vibrissa.js', import.meta.url));

/** For what never comes: elections are held anew where a busy machine stands still. */
const NEVER_MS = 60_000;

interface Instance {
  readonly cluster: ClusterNode;
  readonly framework: ClusteredScheduler;
  readonly status: StatusServer;
}

let simulator: MesosSimulator;
const instances: Instance[] = [];
const urls: string[] = [];

/** Whoever runs: an instance on any free port is known from its start. */
const seeds: SeedSource = {
  description: 'the instances of this test',
  find: () =>
    Promise.resolve({
      seeds: instances.map(({ cluster }) => ({
        address: parseAddress(cluster.view().self.address),
        healthy: true,
      })),
    }),
};

async function start(): Promise<void> {
  const cluster = await ClusterNode.open({
    name: 'sleepers',
    secrets: ['a secret of all instances'],
    listen: { host: '127.0.0.1', port: 0 },
    seeds,
    instances: 3,
    timing: 'fast',
    meta: { version: '2.4.0' },
  });
  const framework = await ClusteredScheduler.open({
    cluster,
    masters: simulator.url,
    framework: { name: 'sleepers' },
  });
  const status = await serveStatus({ cluster, framework, listen: { host: '127.0.0.1', port: 0 } });
  instances.push({ cluster, framework, status });
  urls.push(`http://127.0.0.1:${status.port}`);
}

async function end({ cluster, framework, status }: Instance): Promise<void> {
  await status.close();
  await framework.close();
  await cluster.close();
}

beforeAll(async () => {
  simulator = await MesosSimulator.open({ agents: 1 });
});
afterAll(async () => {
  await Promise.all(instances.map(end));
  await simulator.stop();
});

interface Said {
  readonly code: number | null;
  readonly out: string;
  /** Names those that were asked in vain, also such as were only busy. */
  readonly err: string;
}

/** `vibrissa cluster status`, as an operator runs it. */
function ask(...args: string[]): Promise<Said> {
  const child = spawn(process.execPath, [bin, 'cluster', 'status', ...args]);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

/** The answer, as soon as it is as wanted. */
async function askUntil(isWanted: (said: Said) => boolean, ...args: string[]): Promise<Said> {
  const giveUpAt = performance.now() + NEVER_MS;
  for (;;) {
    const answer = await ask(...args);
    if (isWanted(answer)) return answer;
    if (performance.now() > giveUpAt) throw new Error(`At the end it said: ${JSON.stringify(answer)}`);
  }
}

const indexOfLeader = () => instances.findIndex(({ cluster }) => cluster.view().standing === 'leading');

describe('vibrissa cluster status of a framework of three instances', { timeout: NEVER_MS + 30_000 }, () => {
  it('says while there is one that nobody leads, and who has met', async () => {
    await start();
    const { code, out } = await ask(...urls);
    expect(code).toBe(3);
    expect(out).toContain('NOBODY: the cluster is being founded. Of 3 instances 2 must have met');
  });

  it('shows the leader, the framework and its tasks when all have come', async () => {
    await start();
    await start();
    const { framework } = instances[2]!;
    const task = await framework.submit({ command: 'sleep 1000', cpus: 0.1, memoryMb: 32 });
    await task.running;
    const living = / alive {2,}(?:leader|voter|learner|outside) {2,}2\.4\.0 /g;
    // What the leader has said comes to the one that is asked in its own time.
    const isAllThere = ({ out, err }: Said) =>
      err === '' &&
      out.includes('tasks      1: 1 running') &&
      /^Mesos {6}subscribed/m.test(out) &&
      out.match(living)?.length === 3;
    const { code, out } = await askUntil(isAllThere, ...urls);
    expect(code).toBe(0);
    expect(out).toMatch(/^leader {5}127\.0\.0\.1:\d+ \(\w{8}\), epoch \d+, for /m);
    expect(out).toContain(`framework  sleepers, ${framework.view().id}\n`);
    expect(out).toMatch(/^Mesos {6}subscribed \(master .*, version .*\)$/m);
  });

  it('shows who has taken over from whom, and the same framework', async () => {
    await expect.poll(indexOfLeader).not.toBe(-1);
    const index = indexOfLeader();
    const [leader] = instances.splice(index, 1);
    const { id } = leader!.framework.view();
    await end(leader!);
    // Asked first, it is warned of; the others answer.
    const warned = index === 0 ? 1 : 0;
    const isOver = ({ out, err }: Said) =>
      err.split('warning: ').length - 1 === warned &&
      /^failover /m.test(out) &&
      /^Mesos {6}subscribed/m.test(out);
    const { code, out, err } = await askUntil(isOver, ...urls);
    expect(code).toBe(0);
    expect(err.includes(urls[index]!)).toBe(index === 0);
    expect(out).toContain(`framework  sleepers, ${id}\n`);
    expect(out).toMatch(/^failover {3}.* ago, from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, in /m);
    expect(out).toContain('\nThe newest changes of leader:\n');
  });

  it('names the missing voters where a majority is dead, and ends with 3', async () => {
    const [left, dead] = instances.splice(0, 2);
    instances.push(left!);
    await end(dead!);
    const url = `http://127.0.0.1:${left!.status.port}`;
    const isNoticed = (said: Said) => said.code === 3 && /NO_QUORUM.*missing: /s.test(said.out);
    const { out } = await askUntil(isNoticed, url);
    expect(out).toContain('leader     NOBODY: an election is under way, or too few voters reach each other.');
  });
});
