// Journals on a disk that is too small, then asks for what was acknowledged, and says what it saw as one JSON line.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , dist] = process.argv;
const { SqliteStores } = await import(`${dist}/store/sqlite/sqlite-stores.js`);
const { systemClock } = await import(`${dist}/base/clock.js`);

const disk = mkdtempSync(join(tmpdir(), 'vibrissa-full-'));
const mount = (options) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
mount('size=3m');

const logged = [];
const log = (_fields, message) => logged.push(message);
const logger = { debug() {}, info() {}, warn: log, error: log, child: () => logger };
const config = {
  journal: { durability: 'on', segmentSize: 1_000_000 },
  retention: { activationAge: 1e13, activationSize: 1e12 },
  secrets: {},
};
const open = () => SqliteStores.open({ dataDir: join(disk, 'data'), clock: systemClock, logger, config });
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
  response: { statusCode: 0, resultJson: '{}' },
});
const codeOf = (call) =>
  call.then(
    () => 'none',
    (error) => `${error.code} ${error.cause?.code ?? ''}`.trim(),
  );

let stores = await open();
const acknowledged = [];
const refusals = {};
for (let count = 1; count <= 6000; count++) {
  const activationId = count.toString(16).padStart(32, '0');
  const code = await codeOf(stores.journal.finish(record(activationId), []));
  if (code === 'none') acknowledged.push(activationId);
  else refusals[code] = (refusals[code] ?? 0) + 1;
}
const subject = { subject: 'guest', blocked: false, namespaces: [{ name: 'guest', uuid: 'u', key: 'k' }] };
const put = await codeOf(stores.auth.putSubject(subject));
execFileSync('mount', ['-o', 'remount,size=40m', disk]);
const later = 'f'.repeat(32);
const healed = await codeOf(stores.journal.finish(record(later), []));
const missing = [];
for (const id of [...acknowledged, later]) if (!(await stores.activations.get('guest', id))) missing.push(id);
await stores.close();
stores = await open();
const count = await stores.activations.count({ namespace: 'guest', skip: 0 });
await stores.close();
execFileSync('umount', [disk]);
process.stdout.write(
  JSON.stringify({ acknowledged: acknowledged.length, refusals, put, healed, missing, count, logged }),
);
