// One instance of a framework of several, as a program of its own. Takes its configuration as JSON, prints a line of JSON
// for each change and each call to Mesos, and answers requests on a Unix socket: no cut of the network reaches that.
import { createServer } from 'node:http';

import { ClusterNode, fileSeeds, FileStorage } from '@vibrissa/cluster';
import { HttpTransport } from '@vibrissa/mesos';
import { ClusteredScheduler, epochFloorFromMesos } from '@vibrissa/mesos-ha';

const config = JSON.parse(process.argv[2]);
const { name, masters, timing } = config;
let { skewMs = 0, crash } = config;

const clock = {
  now: () => Date.now() + skewMs,
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(() => run(), delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

function say(kind, line, more = {}) {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), kind, line, ...more })}\n`);
}

/** Where the process dies: as it is about to send a call, or when that was answered. */
function crashPoint(when, { type, accept }) {
  const isMeant = crash?.when === when && crash.call === type;
  const launches = accept?.operations.some((operation) => operation.type.startsWith('LAUNCH')) ?? true;
  if (!isMeant || !launches) return;
  if ((crash.skip -= 1) >= 0) return;
  process.kill(process.pid, 'SIGKILL');
}

const http = new HttpTransport({ connectTimeoutMs: 1000, answerTimeoutMs: 3000 });
let calls = 0;

/** The real one; says what is sent and what was answered. */
const transport = {
  subscribe(master, call, handlers) {
    say('subscribe', master);
    const sent = new Map();
    const connection = http.subscribe(master, call, {
      onOpened: (opened) => handlers.onOpened(opened),
      onAlive: () => handlers.onAlive(),
      onEvent: (event) => handlers.onEvent(event),
      onEnded: (end) => handlers.onEnded(end),
      onAnswered(answer) {
        const answered = sent.get(answer.callId);
        say('answered', answered.call.type, { number: answered.number, status: answer.status });
        crashPoint('answered', answered.call);
        handlers.onAnswered(answer);
      },
    });
    return {
      send(callId, next) {
        crashPoint('before', next);
        const number = (calls += 1);
        sent.set(callId, { number, call: next });
        say('call', next.type, { number });
        connection.send(callId, next);
      },
      pause: () => connection.pause?.(),
      resume: () => connection.resume?.(),
      close: () => connection.close(),
    };
  },
};

const cluster = await ClusterNode.open({
  name,
  secrets: ['a secret of the test’s own'],
  listen: config.listen,
  advertise: config.advertise,
  seeds: fileSeeds(config.seeds),
  instances: config.instances,
  timing,
  clock,
  epochFloor: () => epochFloorFromMesos({ masters, cluster: name }),
  ...(config.directory && { storage: await FileStorage.open(config.directory, { name }) }),
});
cluster.watch(({ kind, line }) => say(kind, line));

const framework = await ClusteredScheduler.open({
  cluster,
  masters,
  framework: { name, failoverTimeoutMs: 3_600_000 },
  offers: { reviveIntervalMs: 50, refuseWaitingMs: 100 },
  timeouts: { backoffMinMs: 20, backoffMaxMs: 200, connectMs: 1000, heartbeatSlackMs: 2000 },
  tasks: { launchTimeoutMs: 2000, killRetryMs: 1000 },
  reconcile: { firstWaitMs: 300, longestWaitMs: 2000 },
  giveWayMs: 4000,
  clock,
  transport,
});
framework.watch(({ kind, line }) => say(kind, line));

const { withinMs = 60_000 } = config;
const routes = {
  'GET /state': () => ({ cluster: cluster.view(), framework: framework.view(), tasks: framework.tasks() }),
  'POST /tasks': async (spec) => ({ id: (await framework.submit(spec, { withinMs })).id }),
  'POST /delete': ({ id }) => framework.delete(id, { withinMs }),
  'POST /clock': ({ jumpMs }) => ({ skewMs: (skewMs += jumpMs) }),
  'POST /crash': (given) => (crash = { skip: 0, ...given }),
};

async function answer(request, response) {
  const route = routes[`${request.method} ${request.url}`];
  const chunks = await request.toArray();
  try {
    const given = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const result = await route(given);
    response.end(JSON.stringify(result));
  } catch (error) {
    response.writeHead(409).end(JSON.stringify({ code: error.code ?? error.name, message: error.message }));
  }
}

createServer((request, response) => void answer(request, response)).listen(config.control, () =>
  say('ready', cluster.id),
);

process.once('SIGTERM', async () => {
  say('leaving', cluster.id);
  await framework.leave({ withinMs: 60_000 });
  process.exit(0);
});
