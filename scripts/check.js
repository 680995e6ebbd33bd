// The one gate: format, lint, types, dependency rules, dead exports, documents fresh. Runs all, as many at a time as there
// are processors, then says which failed.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';

/** In the order in which they begin: the long ones first, so that none is left alone at the end. */
const steps = [
  ['types', 'tsc', ['-b'], 'npx tsc -b'],
  ['types of tests', 'tsc', ['-p', 'tsconfig.test.json'], 'npx tsc -p tsconfig.test.json'],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.'], 'npm run format'],
  [
    'lint',
    'oxlint',
    ['--type-aware', '--deny-warnings'],
    'read the rule’s message; house rules are in .oxlintrc.json',
  ],
  [
    'dependency rules',
    'depcruise',
    ['--output-type', 'err', 'packages', 'runtimes'],
    'see ARCHITECTURE.md, “Who may import whom”',
  ],
  ['dead exports', 'knip', ['--no-progress'], 'remove what nobody uses'],
  ['documents', process.execPath, ['scripts/generate-docs.js', '--check'], 'npm run docs'],
];

const only = process.argv.slice(2);
const waiting = steps.filter(([name]) => only.length === 0 || only.some((word) => name.includes(word)));
const running = new Map();
const failed = [];

async function run(command, args) {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const [status, stdout, stderr] = await Promise.all([end, text(child.stdout), text(child.stderr)]);
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  return { status, said: `${stdout}${stderr}` || String(status), seconds };
}

async function check([name, command, args, mend]) {
  // The documents are made of what the build has written.
  if (name === 'documents') await running.get('types');
  const { status, said, seconds } = await run(command, args);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status === 0) return;
  failed.push(name);
  console.log(said.split('\n').slice(0, 80).join('\n'));
  console.log(`  mend: ${mend}\n`);
}

async function takeTurns() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    running.set(step[0], check(step));
    await running.get(step[0]);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
