// Proves that the tests of the cluster can fail: plants a defect at a time into a copy of the package and expects the
// tests that should find it to do so.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const list = 'packages/cluster/test/planted-bugs.json';
/** Longer than the tests take without a defect; one that hangs is found, too. */
const LIMIT_MS = 240_000;

const help = `Usage: npm run planted-bugs -- [options]

Plants each defect of ${list} into a copy of packages/cluster and runs the tests that must find it.

  --only TEXT   only those whose name contains this
  --help        this text

Exit code: 0 when all are found (and nothing is without them), 1 when one is not, 2 for a wrong option.`;

function readOptions() {
  try {
    return parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

function copyOfPackage() {
  const copy = mkdtempSync(join(tmpdir(), 'vibrissa-planted-'));
  cpSync(join(root, 'packages/cluster'), join(copy, 'packages/cluster'), {
    recursive: true,
    filter: (path) => !/\/(dist|node_modules)$/.test(path),
  });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  symlinkSync(join(root, 'packages/testkit'), join(copy, 'packages/testkit'));
  writeFileSync(
    join(copy, 'vitest.config.js'),
    `export default { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } },
  test: { include: ['packages/cluster/**/*.test.ts'], testTimeout: 30000, pool: 'forks', maxWorkers: 1 } };`,
  );
  return copy;
}

function run(copy, tests) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--bail=1', ...tests],
    {
      cwd: copy,
      encoding: 'utf8',
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 28,
      env: { ...process.env, SOAK_SECONDS: '1', SOAK_SEED: process.env.SOAK_SEED ?? '1' },
    },
  );
  const output = `${stdout}${stderr}`;
  if (/Failed to (load|parse)|SyntaxError|Transform failed/.test(output)) throw new Error(output.slice(-3000));
  const line = output.match(/(?:AssertionError|Error): (.*)/)?.[1] ?? (status === null ? 'no end in sight' : '');
  return { failed: status !== 0, line: line.slice(0, 120) };
}

function plant(copy, { file, find, replace }) {
  const path = join(copy, 'packages/cluster/src', file);
  const before = readFileSync(path, 'utf8');
  if (before.split(find).length !== 2) throw new Error(`${file} has not exactly one: ${find}`);
  writeFileSync(path, before.replace(find, () => replace));
  return () => writeFileSync(path, before);
}

const { only, help: wantsHelp } = readOptions();
if (wantsHelp) {
  console.log(help);
  process.exit(0);
}
const bugs = JSON.parse(readFileSync(join(root, list), 'utf8')).filter(
  ({ name }) => only === undefined || name.includes(only),
);
if (bugs.length === 0) {
  console.error(`No defect's name contains ${JSON.stringify(only)}.`);
  process.exit(2);
}
const copy = copyOfPackage();
let missed = 0;
try {
  const all = [...new Set(bugs.flatMap(({ by }) => by))];
  const sound = run(copy, all);
  if (sound.failed) {
    console.error(`Without a defect the tests fail already: ${sound.line}`);
    missed += 1;
  }
  for (const bug of bugs) {
    const remove = plant(copy, bug);
    const { failed, line } = run(copy, bug.by);
    remove();
    if (!failed) missed += 1;
    console.log(`${failed ? 'found ' : 'MISSED'}  ${bug.name}${failed ? `: ${line}` : ''}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${bugs.length - missed} of ${bugs.length} found`);
process.exit(missed === 0 ? 0 : 1);
