// P11: PSS of one more warm action against the PSS of one more bare `node runtime.js` with the same code in it.
import { BareRuntime } from '../lib/bare.js';
import { family, memoryOf, Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const code = 'function main(args) { return args; }';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** PSS of everything below the platform but the platform itself: its containers, their wrappers, the spawner. */
const containersPss = (platform) =>
  memoryOf(
    family(platform.pid).filter((pid) => pid !== platform.pid),
    'Pss',
  );

export async function run({ pairs, quick }) {
  const each = quick ? 4 : 8;
  const rounds = Math.max(4, Math.ceil(pairs / 2));
  const ratios = [];
  const detail = [];
  for (let round = 0; round < rounds; round++) {
    progress(`idle-memory ${round + 1}/${rounds}`);
    const platform = await Platform.start({
      'containerPool.prewarm': false,
      'containerProxy.timeouts.pauseGrace': 600_000,
    });
    for (let index = 0; index < each; index++) await warm(platform, `first${index}`);
    await pause(200);
    const before = containersPss(platform);
    for (let index = 0; index < each; index++) await warm(platform, `second${index}`);
    await pause(200);
    const sandboxed = (containersPss(platform) - before) / each;
    await platform.stop();

    const first = await bareRuntimes(each);
    await pause(200);
    const bareBefore = memoryOf(
      first.map((r) => r.pid),
      'Pss',
    );
    const second = await bareRuntimes(each);
    await pause(200);
    const bare =
      (memoryOf(
        [...first, ...second].map((r) => r.pid),
        'Pss',
      ) -
        bareBefore) /
      each;
    for (const runtime of [...first, ...second]) await runtime.stop();
    ratios.push(sandboxed / bare);
    detail.push({ sandboxed, bare });
  }
  report({
    figure: 'idle-memory',
    unit: '× PSS of a bare runtime',
    goal: { operator: '<=', bound: 1.05 },
    ...medianWithInterval(ratios),
    blocks: rounds,
    detail,
  });
  report({
    figure: 'idle-memory-mib',
    unit: 'MiB',
    ...medianWithInterval(detail.map(({ sandboxed }) => sandboxed / 2 ** 20)),
    blocks: rounds,
  });
}

async function warm(platform, name) {
  await platform.createAction(name, { exec: { kind: 'nodejs:default', code } });
  const { status, body } = await platform.invoke(name);
  if (status !== 200) throw new Error(`wrong answer: ${status} ${body}`);
}

async function bareRuntimes(count) {
  const started = Array.from({ length: count }, () => BareRuntime.start());
  for (const runtime of started) await runtime.firstAnswer(code);
  return started;
}
