// Shows the whole of it without questions: starts a platform of its own on a free port with a temporary data directory,
// creates an action from examples/, invokes it, and shows result, logs and where the time went. Leaves nothing behind.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Only to say what never comes: a machine that has much else to do takes its time. */
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 60_000;
const RECORD_LIMIT_MS = 90_000;

/** A platform as a child process, which `begun` is told of; resolves when it takes requests. */
async function startPlatform(dataDir, begun) {
  const command = [
    join(root, 'packages/server/bin/vibrissa.js'),
    'start',
    '--port',
    '0',
    '--data-dir',
    dataDir,
  ];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  begun(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-4000)));
  // When it has ended and all that it said is read.
  const exited = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const port = /^Ready on port (\d+)\./m.exec(output)?.[1];
    const said = () => `${output}${errors}`;
    if (port) return { child, exited, said, url: `http://127.0.0.1:${port}` };
    const ended = await Promise.race([exited.then((code) => ({ code })), sleep(20)]);
    if (ended) throw new Error(`the platform ended with ${ended.code}:\n${output}${errors}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      await exited;
      throw new Error(`the platform was not ready after ${START_LIMIT_MS / 1000} s:\n${output}${errors}`);
    }
  }
}

async function stopPlatform({ child, exited, said }) {
  child.kill('SIGTERM');
  const code = await Promise.race([exited, sleep(STOP_LIMIT_MS, 'late', { ref: false })]);
  if (code !== 'late') return check(code === 0, `the platform ended with ${code}:\n${said()}`);
  child.kill('SIGKILL');
  await exited;
  throw new Error(`the platform had not stopped after ${STOP_LIMIT_MS / 1000} s`);
}

/** A client of one namespace: JSON in, JSON out, an error for every status that was not expected. */
function clientOf(url, key) {
  const authorization = `Basic ${Buffer.from(key).toString('base64')}`;
  return async (method, path, body) => {
    const response = await fetch(`${url}/api/v1/namespaces/_${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
}

/** The record of a non-blocking invocation, as soon as there is one. */
async function recordOf(call, activationId) {
  const deadline = Date.now() + RECORD_LIMIT_MS;
  for (;;) {
    try {
      return await call('GET', `/activations/${activationId}`);
    } catch (error) {
      if (!/answered 404/.test(error.message) || Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

function timeline(record) {
  const of = (key) => record.annotations.find((annotation) => annotation.key === key)?.value;
  const init = of('initTime');
  const run = record.duration - (init ?? 0);
  const phases = [
    ['wait', of('waitTime') ?? 0, 'from the request until a container was there'],
    ['init', init, 'loading the code'],
    ['run', run, 'the function itself'],
  ];
  const total = phases.reduce((sum, [, ms]) => sum + (ms ?? 0), 0) || 1;
  const lines = phases.map(([name, ms, meaning]) => {
    if (ms === undefined) return `  ${name.padEnd(5)}${'–'.padStart(8)}  the container was warm`;
    const bar = '█'.repeat(Math.round((ms / total) * 40)) || '▏';
    return `  ${name.padEnd(5)}${`${ms} ms`.padStart(8)}  ${bar.padEnd(40)}  ${meaning}`;
  });
  return lines.join('\n');
}

function show(title, record) {
  console.log(`\n── ${title}: ${record.activationId}`);
  console.log(`result    ${JSON.stringify(record.response.result)}`);
  for (const line of record.logs) console.log(`log       ${line}`);
  console.log(timeline(record));
}

function check(condition, complaint) {
  if (!condition) throw new Error(complaint);
}

async function tour({ url }, dataDir) {
  const key = (await readFile(join(dataDir, 'auth.guest'), 'utf8')).trim();
  const call = clientOf(url, key);
  console.log(`platform  ${url}`);
  const code = await readFile(join(root, 'examples/hello.js'), 'utf8');
  const action = await call('PUT', '/actions/hello?overwrite=true', {
    exec: { kind: 'nodejs:default', code },
  });
  console.log(`action    /${action.namespace}/${action.name} ${action.version}, kind ${action.exec.kind}`);

  const blocking = await call('POST', '/actions/hello?blocking=true', { name: 'demo' });
  check(blocking.response.success, `the blocking invocation failed: ${JSON.stringify(blocking.response)}`);
  show('blocking', await recordOf(call, blocking.activationId));

  const warm = await call('POST', '/actions/hello?blocking=true', { name: 'demo, again' });
  check(warm.response.success, `the second invocation failed: ${JSON.stringify(warm.response)}`);
  show('blocking, warm', await recordOf(call, warm.activationId));

  const { activationId } = await call('POST', '/actions/hello', { name: 'somebody who does not wait' });
  const record = await recordOf(call, activationId);
  check(record.response.success, `the non-blocking invocation failed: ${JSON.stringify(record.response)}`);
  show('non-blocking', record);
}

const dataDir = await mkdtemp(join(tmpdir(), 'vibrissa-demo-'));
let child;
let platform;
let failure;
const stop = () => child?.kill('SIGTERM');
process.on('SIGINT', stop).on('SIGTERM', stop);
try {
  platform = await startPlatform(dataDir, (begun) => (child = begun));
  await tour(platform, dataDir);
} catch (error) {
  failure = error;
}
try {
  if (platform) await stopPlatform(platform);
} catch (error) {
  failure ??= error;
}
await rm(dataDir, { recursive: true, force: true });
if (failure) {
  console.error(`\ndemo failed: ${failure.message}`);
  process.exit(1);
}
console.log('\nThat was all of it; the platform has stopped and its data are removed. Your turn: npm start');
