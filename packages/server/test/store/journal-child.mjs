// Journals in a loop and says on standard output what was acknowledged; a test kills it in the middle.
import { writeSync } from 'node:fs';

const [, , dist, dataDir, round] = process.argv;
const { SqliteStores } = await import(`${dist}/store/sqlite/sqlite-stores.js`);
const { systemClock } = await import(`${dist}/base/clock.js`);

const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
const config = {
  journal: { durability: 'on', segmentSize: 100_000 },
  retention: { activationAge: 1e13, activationSize: 1e12 },
  secrets: {},
};
const { journal } = await SqliteStores.open({ dataDir, clock: systemClock, logger, config });

let count = 0;
const freshId = () => (Number(round) * 1e9 + ++count).toString(16).padStart(32, '0');
const nap = new Int32Array(new SharedArrayBuffer(4));
/** Waits for a reader that is behind: what was said must have left before anything follows. */
function say(word, id) {
  for (;;) {
    try {
      writeSync(1, `${word} ${id}\n`);
      return;
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(nap, 0, 0, 1);
    }
  }
}
const user = {
  subject: 'guest',
  namespace: { name: 'guest', uuid: 'u' },
  authkey: 'u:k',
  rights: ['ACTIVATE'],
  limits: {},
};
const message = (activationId) => ({
  transactionId: 't',
  transactionStart: 1,
  activationId,
  action: { namespace: 'guest', name: 'hello' },
  version: '0.0.1',
  revision: '1',
  user,
  blocking: false,
  content: `{"id":"${activationId}"}`,
  initArgs: [],
  durable: true,
});
const record = (activationId) => ({
  activationId,
  namespace: 'guest',
  subject: 'guest',
  path: 'guest/hello',
  name: 'hello',
  version: '0.0.1',
  start: 1,
  end: 2,
  duration: 1,
  kind: 'nodejs:20',
  timeout: false,
  response: { statusCode: 0, resultJson: `{"id":"${activationId}"}` },
});

async function accepted() {
  const id = freshId();
  await journal.accept(message(id));
  say('accepted', id);
  if (count % 3 === 0) return;
  await journal.start(message(id));
  say('started', id);
  if (count % 3 === 1) return;
  await journal.finish(record(id), []);
  say('finished', id);
}

async function blocking() {
  const id = freshId();
  await journal.finish(record(id), ['a line']);
  say('finished', id);
}

await Promise.all(
  [accepted, accepted, blocking, blocking].map(async (work) => {
    for (;;) await work();
  }),
);
