// The whole example: servers, certificates, a platform, the skill, a conversation, forgeries. Leaves nothing behind.
//   --keep    leaves it running, to play with
//   --plain   runs actions as plain processes, without sandboxes
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeVisits } from './analytics/make-visits.js';
import { serveAnalytics } from './analytics/serve-analytics.js';
import { Assistant } from './assistant/assistant.js';
import { makeCertificates } from './assistant/make-certificates.js';
import { serveCertificates } from './assistant/serve-certificates.js';
import { createUnderstanding } from './assistant/understand.js';
import { chooseNetwork, startPlatform } from './platform.js';
import { converse, fallSilent, loseAnalytics, refuse } from './story.js';

const SKILL_ID = 'amzn1.ask.skill.5f1d0c0e-site-report';
const SEED = 7;
const TODAY = '2017-09-15';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values: options } = parseArgs({ options: { keep: { type: 'boolean' }, plain: { type: 'boolean' } } });

/** What is running, to be ended in the other order. */
const running = [];
const keep = (one, end) => {
  running.push(end);
  return one;
};

/** The analytics service, which can be ended and started again in the same place. */
async function openAnalytics(directory, host) {
  const file = join(directory, 'visits.csv');
  await writeFile(file, makeVisits({ today: TODAY, seed: SEED }));
  const key = randomBytes(24).toString('base64url');
  const serve = (port) => serveAnalytics({ file, today: TODAY, key, host, port });
  let server = await serve();
  const { url, port } = server;
  const stop = () => server.close();
  const start = async () => {
    server = await serve(port);
  };
  return keep({ url, port, key, file, start, stop }, stop);
}

/** Deploys the skill as a user does, with the values that belong to this run. */
async function deploy(platform, directory, values) {
  const file = join(directory, 'values.json');
  await writeFile(file, JSON.stringify(values), { mode: 0o600 });
  console.log(
    '\n── The skill is deployed: wsk project deploy --project examples/voice-assistant --param-file …',
  );
  console.log((await platform.wsk('project', 'deploy', '--project', here, '--param-file', file)).trim());
  return `${platform.url}/api/v1/web/guest/voice/site-report`;
}

async function keysOf(directory) {
  const names = ['assistant', 'neighbour', 'impostor'];
  const keys = await Promise.all(names.map((name) => readFile(join(directory, `${name}.key`), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, keys[index]]));
}

/** Everything that the story needs. */
async function setUp(directory) {
  const certificatesDir = join(directory, 'certificates');
  await mkdir(certificatesDir);
  await makeCertificates(certificatesDir);
  const network = await chooseNetwork(join(directory, 'data'), options);
  const analytics = await openAnalytics(directory, network.host);
  const certificates = await serveCertificates(certificatesDir, network.host);
  keep(certificates, certificates.close);
  const flags = network.flags([analytics.port, certificates.port]);
  const started = startPlatform(join(directory, 'data'), flags);
  keep(started, started.stop);
  const platform = await started.ready;
  console.log(`platform      ${platform.url}`);
  console.log(`analytics     ${analytics.url}, from ${analytics.file}; today is ${TODAY}`);
  console.log(`certificates  ${certificates.url}, made by openssl`);
  console.log(
    network.why === undefined
      ? 'actions       in sandboxes; this one may reach those two servers, and nothing else on this machine'
      : `actions       as plain processes, without any protection (${network.why})`,
  );
  const url = await deploy(platform, directory, {
    SKILL_ID,
    ANALYTICS_URL: analytics.url,
    ANALYTICS_KEY: analytics.key,
    certificatesFrom: certificates.url,
    trustedRoots: await readFile(join(certificatesDir, 'root.pem'), 'utf8'),
  });
  const model = JSON.parse(await readFile(join(here, 'interaction-model.json'), 'utf8'));
  const keys = await keysOf(certificatesDir);
  const understand = createUnderstanding(model);
  const assistant = new Assistant({ url, skillId: SKILL_ID, key: keys.assistant, understand });
  return { analytics, assistant, url, keys, certificatesDir };
}

async function tellStory({ analytics, assistant, url, keys }) {
  await converse(assistant);
  await fallSilent(assistant);
  await loseAnalytics(assistant, analytics);
  await refuse({ url, skillId: SKILL_ID, keys });
}

function showCommands({ url, certificatesDir }) {
  const sign = `node ${join(here, 'sign.js')} ${join(certificatesDir, 'assistant.key')} ${SKILL_ID}`;
  console.log(`
── It goes on running; Ctrl-C ends it. Ask it yourself (a signature is good for 150 seconds):

  ${sign} 'visitors last month' | curl -s -K - ${url}

or without a signature:

  curl -s --json '{}' ${url}`);
}

const interrupted = new Promise((resolve) => {
  process.once('SIGINT', resolve).once('SIGTERM', resolve);
});

async function example(directory) {
  const world = await setUp(directory);
  await tellStory(world);
  if (!options.keep) return;
  showCommands(world);
  await interrupted;
}

const directory = await mkdtemp(join(tmpdir(), 'vibrissa-voice-'));
let failure;
try {
  const ended = await Promise.race([example(directory), interrupted]);
  if (ended !== undefined && !options.keep) failure = new Error(`it was ended by ${ended}`);
} catch (error) {
  failure = error;
}
for (const end of running.reverse()) await end();
await rm(directory, { recursive: true, force: true });
if (failure) {
  console.error(`\nThe example failed: ${failure.message}${failure.stderr ?? ''}`);
  process.exit(1);
}
console.log('\nThat was all of it; everything has ended, and nothing is left.');
// A part that was under way when a signal came has nobody to wait for it.
process.exit(0);
