// Runs examples/mesos-framework against a simulated Mesos master with three agents on free ports; both print here. Exits 0
// when the framework did all it should, and leaves nothing behind.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MesosSimulator } from '@vibrissa/mesos-simulator';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Only to say what never comes: a machine that has much else to do takes its time. */
const LIMIT_MS = 240_000;
const TASKS = 3;

/** Runs the sample; resolves with its exit code (or why it has none) and all it printed, which is shown as it comes. */
function runFramework(master) {
  const child = spawn(process.execPath, [join(root, 'examples/mesos-framework/framework.js')], {
    env: { ...process.env, MESOS_MASTER: master, TASKS: String(TASKS) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
    process.stdout.write(text);
  });
  const impatience = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(impatience);
      resolve({ end: code ?? signal, printed });
    });
  });
}

/** What the framework must have shown, as sentences for when it has not. */
function missing(printed) {
  const names = Array.from({ length: TASKS }, (_, index) => `hello-${index + 1}`);
  return [
    ...names
      .filter((name) => !printed.includes(`→ hello from ${name}\n`))
      .map((name) => `no answer of ${name}`),
    ...names
      .filter((name) => !printed.includes(`${name} wrote: GET /`))
      .map((name) => `no log line of ${name}`),
    ...names
      .filter((name) => !printed.includes(`${name}: TASK_KILLED`))
      .map((name) => `${name} was not killed`),
    ...(printed.includes('torn down') ? [] : ['the framework was not torn down']),
  ];
}

const simulator = await MesosSimulator.open({ agents: 3 });
try {
  console.log(`simulated master ${simulator.url}, ${simulator.agents.length} agents\n`);
  const { end, printed } = await runFramework(simulator.url);
  const problems = [...(end === 0 ? [] : [`the framework ended with ${end}`]), ...missing(printed)];
  if (problems.length > 0) {
    console.error(`\nfailed: ${problems.join('; ')}`);
    process.exitCode = 1;
  } else {
    console.log('\nAll went as it should.');
  }
} finally {
  await simulator.stop();
}
