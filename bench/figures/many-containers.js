// Beside P3: a hundred and a thousand bare runtimes in turn against one, without any platform between.
import { BareRuntime, initRequest, runRequest } from '../lib/bare.js';
import { requestText } from '../lib/http-client.js';
import { alternate } from '../lib/load.js';
import { progress, report } from '../lib/report.js';
import { median, medianWithInterval } from '../lib/statistics.js';

const right = (answer) => {
  if (answer.status !== 200) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

export async function run({ pairs, calls, quick }) {
  for (const count of quick ? [100] : [100, 1000]) await compareBare(count, { pairs, calls });
}

/** The share that no scheduler can win back: so many processes take turns on the same caches. */
async function compareBare(count, { pairs, calls }) {
  const runtimes = [];
  const connections = [];
  try {
    for (let index = 0; index < count; index++) {
      const runtime = BareRuntime.start();
      runtimes.push(runtime);
      const connection = await runtime.connect();
      connections.push(connection);
      right(await connection.send(requestText(initRequest())));
      if (index % 20 === 0) progress(`many-containers: ${index} of ${count} warm`);
    }
    const text = requestText(runRequest());
    const block = (chosen) => async () => {
      const took = [];
      for (let call = 0; call < calls; call++) {
        const before = process.hrtime.bigint();
        right(await chosen[call % chosen.length].send(text));
        took.push(Number(process.hrtime.bigint() - before));
      }
      return median(took);
    };
    const [one, many] = [block(connections.slice(0, 1)), block(connections)];
    await one();
    await many();
    const results = await alternate(pairs, many, one, (n, of) =>
      progress(`many-containers ${count} ${n}/${of}`),
    );
    report({
      figure: `many-containers-${count}-p50`,
      unit: '× one bare runtime',
      ...medianWithInterval(results.map(({ a, b }) => a / b)),
      blocks: pairs,
      detail: results,
    });
  } finally {
    for (const connection of connections) connection.close();
    for (const runtime of runtimes) await runtime.stop();
  }
}
