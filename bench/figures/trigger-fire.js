// Firing a trigger with ten rules against direct non-blocking invocations of the same action: the time that one takes of a crowd's.
import { once } from '../lib/http-client.js';
import { alternate, Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const RULES = 10;
const CONNECTIONS = 16;

const accepted = (answer) => {
  if (answer.status !== 202) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

async function put(platform, path, body) {
  const answer = await once(platform.target, {
    method: 'PUT',
    path: `/api/v1/namespaces/_/${path}`,
    body: JSON.stringify(body),
    headers: { Authorization: platform.auth },
  });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
}

/** Does the record of a fire name an activation for each rule? */
async function checkRecord(platform, fire) {
  const { activationId } = JSON.parse((await once(platform.target, fire)).body);
  const record = {
    method: 'GET',
    path: `/api/v1/namespaces/_/activations/${activationId}`,
    headers: fire.headers,
  };
  const { status, body } = await once(platform.target, record);
  const lines = status === 200 ? JSON.parse(body).logs.map((line) => JSON.parse(line)) : [];
  const fired = lines.filter(({ success }) => success).length;
  if (fired !== RULES) throw new Error(`wrong record: ${status} ${body}`);
}

export async function run({ pairs, calls }) {
  const platform = await Platform.start({ 'limits.triggers.fires.perMinute': 1_000_000_000 });
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    await put(platform, 'triggers/ten', {});
    for (let at = 0; at < RULES; at++) {
      await put(platform, `rules/r${at}`, { trigger: '/_/ten', action: '/_/noop' });
    }
    const body = '{"name":"you"}';
    const fire = {
      method: 'POST',
      path: '/api/v1/namespaces/_/triggers/ten',
      body,
      headers: { Authorization: platform.auth },
    };
    await checkRecord(platform, fire);
    const crowdOf = (request) =>
      Crowd.open({ target: platform.target, requests: [request], connections: CONNECTIONS, check: accepted });
    const fires = await crowdOf(fire);
    const invocations = await crowdOf(platform.invocation('noop', body, 'blocking=false'));
    const block = async (crowd, count) => {
      const result = await crowd.run(count);
      await platform.untilIdle();
      return result;
    };
    const fireBlock = () => block(fires, Math.ceil(calls / RULES));
    const invokeBlock = () => block(invocations, calls);
    await invokeBlock();
    await fireBlock();
    const detail = await alternate(pairs, fireBlock, invokeBlock, (n, of) =>
      progress(`trigger-fire ${n}/${of}`),
    );
    report({
      figure: 'trigger-fire',
      unit: '× the time of a direct non-blocking invocation',
      goal: { operator: '<=', bound: 12 },
      ...medianWithInterval(detail.map(({ a, b }) => b.perSecond / a.perSecond)),
      blocks: pairs,
      detail,
    });
  } finally {
    await platform.stop();
  }
}
