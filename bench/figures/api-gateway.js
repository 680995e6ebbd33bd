// A call through an API of the gateway against the same web action at its own address: with a path parameter alone, and with
// a key and a limit of requests besides.
import { once } from '../lib/http-client.js';
import { alternate, Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const NEIGHBOURS = 50;
const goal = { operator: '<=', bound: 1.1 };
const action = '/api/v1/web/guest/default/book.http';

// `path` tells the action which book: it has come the same way on both sides.
const code = `function main({ __ow_path }) {
  return { headers: { 'content-type': 'application/json' }, body: { path: __ow_path } };
}`;

const operation = {
  parameters: [{ name: 'id', in: 'path', required: true, type: 'string' }],
  'x-openwhisk': { url: 'https://whisk/api/v1/web/_/default/book.http' },
};

/** An API as people have them: some dozens of paths, of which one is asked for. */
function document(basePath, more = {}) {
  const neighbours = Array.from({ length: NEIGHBOURS }, (_, n) => [`/shelf${n}/{id}`, { get: operation }]);
  return {
    swagger: '2.0',
    info: { title: basePath, version: '1' },
    basePath,
    paths: { ...Object.fromEntries(neighbours), '/books/{id}': { get: operation } },
    ...more,
  };
}

const keyed = {
  securityDefinitions: { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  'x-gateway-rate-limit': [{ unit: 'second', units: 1, rate: 1_000_000 }],
};

async function ask(platform, path, body) {
  const headers = { Authorization: platform.auth };
  const answer = await once(platform.target, { method: 'POST', path, headers, body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body);
}

async function createApi(platform, swagger) {
  const path = '/api/v1/namespaces/whisk.system/actions/apimgmt/createApi?blocking=true&result=true';
  await ask(platform, path, { apidoc: { namespace: 'guest', swagger }, __ow_user: 'guest' });
}

/** One client that asks for one path; what the action saw of it is checked each time. */
function open({ target }, path, { seen, headers = {} }) {
  const expected = JSON.stringify({ path: seen });
  const check = ({ status, body }) => {
    if (status === 200 && body.toString().replaceAll(/\s/g, '') === expected) return;
    throw new Error(`wrong answer: ${status} ${body}`);
  };
  return Crowd.open({ target, requests: [{ method: 'GET', path, headers }], check });
}

async function compare(figure, { through, direct, pairs, calls }) {
  for (const crowd of [through, direct]) await crowd.run(calls);
  const ratios = await alternate(
    pairs,
    () => through.run(calls),
    () => direct.run(calls),
    (n, of) => progress(`${figure} ${n}/${of}`),
  );
  report({
    figure,
    unit: "× the web action's p50",
    goal,
    ...medianWithInterval(ratios.map(({ a, b }) => a.p50 / b.p50)),
    blocks: pairs,
    detail: ratios,
  });
}

export async function run({ pairs, calls }) {
  const platform = await Platform.start();
  try {
    const annotations = [{ key: 'web-export', value: true }];
    await platform.createAction('book', { exec: { kind: 'nodejs:default', code }, annotations });
    await createApi(platform, document('/open'));
    await createApi(platform, document('/keyed', keyed));
    const { key } = await ask(platform, '/api/v1/namespaces/_/apikeys', {
      basepath: '/keyed',
      name: 'bench',
    });
    for (const [figure, api, headers] of [
      ['api-gateway', 'open', {}],
      ['api-gateway-keyed', 'keyed', { 'x-api-key': key }],
    ]) {
      const seen = `/${api}/books/7`;
      const through = await open(platform, `/api/guest${seen}`, { seen, headers });
      const direct = await open(platform, `${action}${seen}`, { seen, headers });
      await compare(figure, { through, direct, pairs, calls });
      for (const crowd of [through, direct]) crowd.close();
    }
  } finally {
    await platform.stop();
  }
}
