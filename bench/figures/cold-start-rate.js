// P7: sustained cold starts a second, none prewarmed, against bare `node -e 0` spawns a second on the same cores.
import { spawn } from 'node:child_process';
import { alternate } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const now = () => Number(process.hrtime.bigint()) / 1e6;

/** `count` pieces of work, `parallel` at a time; pieces a second. */
async function rate(count, parallel, work) {
  let next = 0;
  const started = now();
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return (count / (now() - started)) * 1000;
}

const bareSpawn = () =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', '0'], { env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`node ended with ${code}`))));
  });

export async function run({ pairs, quick }) {
  const each = quick ? 20 : 60;
  const parallel = 4;
  // Room for a few containers only: every new action evicts another's, so that ends of containers are paid for, too.
  const platform = await Platform.start({
    'containerPool.prewarm': false,
    'containerPool.userMemoryMb': 256 * 8,
  });
  let counter = 0;
  const cold = async () => {
    const name = `rate${counter++}`;
    await platform.createAction(name, {
      exec: { kind: 'nodejs:default', code: 'function main() { return {}; }' },
    });
    const answer = await platform.invoke(name);
    if (answer.status !== 200 || !answer.body.includes('"initTime"'))
      throw new Error(`not a cold start: ${answer.status} ${answer.body}`);
  };
  try {
    await rate(each, parallel, cold);
    const results = await alternate(
      pairs,
      () => rate(each, parallel, cold),
      () => rate(each, parallel, bareSpawn),
      (n, of) => progress(`cold-start-rate ${n}/${of}`),
    );
    report({
      figure: 'cold-start-rate',
      unit: '× node -e 0 spawns/s',
      goal: { operator: '>=', bound: 0.5 },
      ...medianWithInterval(results.map(({ a, b }) => a / b)),
      blocks: pairs,
      detail: results,
    });
    report({
      figure: 'cold-start-rate-absolute',
      unit: 'cold starts/s',
      ...medianWithInterval(results.map(({ a }) => a)),
      blocks: pairs,
    });
  } finally {
    await platform.stop();
  }
}
