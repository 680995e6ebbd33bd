// Side by side, as a user would choose: the same no-op in functions-framework and in workerd. What each leaves out is
// said in docs/performance.md: neither isolates tenants by the kernel, keeps records, authenticates or limits anybody.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { alternate, Crowd } from '../lib/load.js';
import { once } from '../lib/http-client.js';
import { freePort, Platform } from '../lib/platform.js';
import { note, progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const peers = fileURLToPath(new URL('../peers/', import.meta.url));
const environment = { PATH: process.env.PATH, HOME: process.env.HOME };
const right = (answer) => {
  if (answer.status !== 200 || !answer.body.includes('"name":"you"'))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

const servers = {
  'functions-framework': (port) => [
    `${peers}node_modules/.bin/functions-framework`,
    ['--target=noop', `--source=${peers}function.js`, `--port=${port}`],
  ],
  workerd: (port) => [
    `${peers}node_modules/@cloudflare/workerd-linux-64/bin/workerd`,
    ['serve', `${peers}worker.capnp`, `--socket-addr=http=127.0.0.1:${port}`],
  ],
};

export async function run({ pairs, seconds }) {
  if (!existsSync(`${peers}node_modules`)) {
    note('installing the peers (npm ci in bench/peers) …');
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: peers,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error('npm ci in bench/peers failed');
  }
  const platform = await Platform.start();
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    for (const [name, command] of Object.entries(servers))
      await compare(name, { command, platform, pairs, seconds });
  } finally {
    await platform.stop();
  }
}

async function compare(name, { command, platform, pairs, seconds }) {
  const port = await freePort();
  const [program, args] = command(port);
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilUp(port);
    for (const [measure, connections] of [
      ['p50', 1],
      ['rate', 8],
    ]) {
      const ours = await Crowd.open({
        target: platform.target,
        requests: [platform.invocation('noop')],
        connections,
        check: right,
      });
      const theirs = await Crowd.open({
        target: { port },
        requests: [{ path: '/', body: '{"name":"you"}' }],
        connections,
        check: right,
      });
      const calls = {
        ours: Math.ceil((await ours.run(3000)).perSecond * seconds),
        theirs: Math.ceil((await theirs.run(5000)).perSecond * seconds),
      };
      const results = await alternate(
        Math.max(4, pairs / 2),
        () => ours.run(calls.ours),
        () => theirs.run(calls.theirs),
        (n, of) => progress(`${name} ${measure} ${n}/${of}`),
      );
      ours.close();
      theirs.close();
      const ratio = measure === 'p50' ? ({ a, b }) => a.p50 / b.p50 : ({ a, b }) => a.perSecond / b.perSecond;
      report({
        figure: `peer-${name}-${measure}`,
        unit: `× ${name}'s ${measure === 'p50' ? 'p50' : 'invocations/s'}`,
        ...medianWithInterval(results.map(ratio)),
        blocks: results.length,
        detail: results,
      });
    }
  } finally {
    child.kill('SIGKILL');
  }
}

async function untilUp(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      await once({ port }, { path: '/', body: '{"name":"you"}' });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('the peer did not answer');
}
