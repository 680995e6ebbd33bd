// A warm web action against a blocking invocation of the same action with the same arguments, on one platform.
import { alternate, Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const right = (answer) => {
  if (answer.status !== 200 || !/"name": ?"you"/.test(answer.body))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

export async function run({ pairs, calls }) {
  const platform = await Platform.start();
  try {
    await platform.createAction('web', {
      exec: { kind: 'nodejs:default', code: 'function main({ name }) { return { name }; }' },
      annotations: [{ key: 'web-export', value: true }],
    });
    const { target } = platform;
    const web = await Crowd.open({
      target,
      requests: [{ path: '/api/v1/web/guest/default/web.json', body: '{"name":"you"}' }],
      check: right,
    });
    const blocking = await Crowd.open({ target, requests: [platform.invocation('web')], check: right });
    for (const crowd of [web, blocking]) await crowd.run(calls);
    const ratios = await alternate(
      pairs,
      () => web.run(calls),
      () => blocking.run(calls),
      (n, of) => progress(`web-action ${n}/${of}`),
    );
    for (const crowd of [web, blocking]) crowd.close();
    report({
      figure: 'web-action',
      unit: '× blocking invocation p50',
      goal: { operator: '<=', bound: 1.15 },
      ...medianWithInterval(ratios.map(({ a, b }) => a.p50 / b.p50)),
      blocks: pairs,
      detail: ratios,
    });
  } finally {
    await platform.stop();
  }
}
