// Milliseconds to place 1,000 tasks on 1,000 offers: a mix as it is, and one where every constraint is in vain everywhere.
import { matchOffers, MesosScheduler } from '@vibrissa/mesos';
import { expectPlaced, Ledger } from '../lib/mesos-ledger.js';
import { nowMs } from '../lib/mesos-process.js';
import { frameworkId, mixedSpecs, offersOf } from '../lib/mesos-words.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const TASKS = 1000;
const OFFERS = 1000;

/** Nobody satisfies them, and no two are alike: nothing that was learnt of one helps with the next. */
const inVain = (spec, index) => ({
  ...spec,
  constraints: [{ attribute: 'rack', operator: 'LIKE', value: `x${index}|y${index}.*` }],
});

/** What a scheduler asks its matcher for these tasks and offers. */
async function requestsOf(specs, offers) {
  let told;
  const transport = {
    subscribe(_master, _call, handlers) {
      told = (event) => handlers.onEvent(event);
      setImmediate(() => {
        handlers.onOpened({ streamId: 'bench' });
        told({
          type: 'SUBSCRIBED',
          subscribed: { framework_id: { value: frameworkId }, heartbeat_interval_seconds: 15 },
        });
      });
      const send = (callId) => setImmediate(() => handlers.onAnswered({ callId, status: 202, text: '' }));
      return { send, close() {} };
    },
  };
  let asked;
  const scheduler = await MesosScheduler.open({
    masters: 'http://127.0.0.1:5050',
    framework: { name: 'bench' },
    transport,
    matcher: (input) => {
      asked = input.requests;
      return { launches: [], unplaced: input.requests };
    },
  });
  await scheduler.subscribe();
  for (const spec of specs) void scheduler.submit(spec);
  told({ type: 'OFFERS', offers: { offers } });
  await scheduler.close();
  if (asked?.length !== specs.length)
    throw new Error(`${asked?.length} of ${specs.length} tasks are matched`);
  return asked;
}

function check({ launches, unplaced }, { specs, offers }) {
  const ledger = new Ledger(offers);
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  for (const launch of launches) {
    const first = ledger.accept(
      launch.offers.map(({ id }) => id.value),
      launch.placed.map(({ units }) => units.flatMap(({ resources }) => resources)),
    );
    for (const { requestId, units } of launch.placed) {
      expectPlaced(
        byId.get(requestId),
        units.flatMap(({ resources }) => resources),
        first,
      );
      byId.delete(requestId);
    }
  }
  for (const { id } of unplaced) byId.delete(id);
  const placed = launches.reduce((sum, launch) => sum + launch.placed.length, 0);
  if (byId.size > 0 || placed + unplaced.length !== specs.length)
    throw new Error(`${placed} placed and ${unplaced.length} not, of ${specs.length}`);
  return placed;
}

async function measure(seed, change) {
  const offers = offersOf(OFFERS, { seed });
  const specs = mixedSpecs(TASKS, { seed: seed + 1 }).map(change);
  const requests = await requestsOf(specs, offers);
  const started = nowMs();
  const result = matchOffers({ offers, requests, epochMs: 1_795_336_671_000 });
  const milliseconds = nowMs() - started;
  return { milliseconds, placed: check(result, { specs, offers }), accepts: result.launches.length };
}

async function compare({ figure, blocks, change, isPlaced }) {
  const first = await measure(1, change);
  const results = [];
  for (let block = 0; block < blocks; block++) {
    const result = await measure(100 + 2 * block, change);
    if (!isPlaced(result.placed)) throw new Error(`${result.placed} tasks were placed`);
    results.push(result);
    progress(`${figure} ${block + 1}/${blocks}`);
  }
  report({
    figure,
    unit: 'ms',
    goal: { operator: '<=', bound: 100 },
    ...medianWithInterval(results.map(({ milliseconds }) => milliseconds)),
    blocks,
    detail: { first, results },
  });
}

export async function run({ pairs }) {
  await compare({
    figure: 'mesos-match',
    blocks: pairs,
    change: (spec) => spec,
    isPlaced: (placed) => placed > 0.95 * TASKS,
  });
  await compare({
    figure: 'mesos-match-in-vain',
    blocks: pairs,
    change: inVain,
    isPlaced: (placed) => placed === 0,
  });
}
