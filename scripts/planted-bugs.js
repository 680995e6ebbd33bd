// Proves that the tests of the cluster can fail: plants a defect at a time into a copy of the package and expects the
// tests that should find it to do so.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const list = 'packages/cluster/test/planted-bugs.json';
/** Much longer than the tests take. A run that is cut off proves nothing. */
const LIMIT_MS = 900_000;

const help = `Usage: npm run planted-bugs -- [options]

Plants each defect of ${list} into a copy of packages/cluster and runs the tests that must find it.

  --only TEXT   only those whose name contains this
  --share N     only N of them, another choice each time; the places of all are looked up
  --help        this text

A defect is found when a test fails: a file that can't be loaded, or a run that takes too long, finds nothing.

Exit code: 0 when all are found (and nothing is without them), 1 when one is not, 2 for a wrong option.`;

function readOptions() {
  try {
    const options = { only: { type: 'string' }, share: { type: 'string' }, help: { type: 'boolean' } };
    const { values } = parseArgs({ options });
    if (values.share !== undefined && !/^[1-9]\d*$/.test(values.share)) {
      throw new Error(`--share takes a number above 0, not ${JSON.stringify(values.share)}`);
    }
    return values;
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
  cpSync(join(root, 'tsconfig.base.json'), join(copy, 'tsconfig.base.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  symlinkSync(join(root, 'packages/testkit'), join(copy, 'packages/testkit'));
  writeFileSync(
    join(copy, 'vitest.config.js'),
    `export default { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } },
  test: { include: ['packages/cluster/**/*.test.ts'], testTimeout: ${LIMIT_MS}, pool: 'forks', maxWorkers: 1 } };`,
  );
  return copy;
}

/** Which test failed and what it said; undefined: all passed. Throws where no test could say anything, or one had no time to. */
function run(copy, tests) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const { error, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--bail=1',
      '--reporter=json',
      `--outputFile=${report}`,
      ...tests,
    ],
    {
      cwd: copy,
      encoding: 'utf8',
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 28,
      env: { ...process.env, SOAK_SECONDS: '1', SOAK_SEED: process.env.SOAK_SEED ?? '1' },
    },
  );
  if (error) throw error;
  if (!existsSync(report)) throw new Error(`the tests have not run: ${`${stdout}${stderr}`.slice(-3000)}`);
  const { testResults, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
  const broken = testResults.find(
    ({ assertionResults, status }) => status === 'failed' && assertionResults.length === 0,
  );
  if (broken) throw new Error(`${broken.name} can't be loaded: ${broken.message}`);
  if (numTotalTests === 0) throw new Error(`there are no tests in ${tests.join(', ')}`);
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  if (!failed) return undefined;
  const said = failed.failureMessages.join('\n');
  if (/Test timed out in \d+ms/.test(said))
    throw new Error(`${failed.title} was cut off: that proves nothing`);
  const line = said.match(/plays it again: (.*)/)?.[1] ?? said.split('\n')[0];
  return `${failed.title.slice(0, 80)}: ${line.slice(0, 100)}`;
}

/** The text of a defect's file. Throws where its place is gone. */
function readPlace(copy, { name, file, find }) {
  const path = join(copy, 'packages/cluster/src', file);
  const before = readFileSync(path, 'utf8');
  if (before.split(find).length !== 2)
    throw new Error(`${file} has not exactly one place for "${name}": ${find}`);
  return { path, before };
}

function plant(copy, bug) {
  const { find, replace } = bug;
  const { path, before } = readPlace(copy, bug);
  writeFileSync(
    path,
    before.replace(find, () => replace),
  );
  return () => writeFileSync(path, before);
}

function shareOf(bugs, count) {
  const byChance = bugs.map((bug) => ({ bug, at: randomInt(2 ** 32) })).sort((a, b) => a.at - b.at);
  return byChance.slice(0, count).map(({ bug }) => bug);
}

const { only, share, help: wantsHelp } = readOptions();
if (wantsHelp) {
  console.log(help);
  process.exit(0);
}
const named = JSON.parse(readFileSync(join(root, list), 'utf8')).filter(
  ({ name }) => only === undefined || name.includes(only),
);
if (named.length === 0) {
  console.error(`No defect's name contains ${JSON.stringify(only)}.`);
  process.exit(2);
}
const bugs = share === undefined ? named : shareOf(named, Number(share));
const copy = copyOfPackage();
let missed = 0;
try {
  for (const bug of named) readPlace(copy, bug);
  const all = [...new Set(bugs.flatMap(({ by }) => by))];
  const sound = run(copy, all);
  if (sound !== undefined) throw new Error(`without a defect the tests fail already: ${sound}`);
  for (const bug of bugs) {
    const remove = plant(copy, bug);
    const found = run(copy, bug.by);
    remove();
    if (found === undefined) missed += 1;
    console.log(found === undefined ? `MISSED  ${bug.name}` : `found   ${bug.name}\n          by ${found}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${bugs.length - missed} of ${bugs.length} found`);
process.exit(missed === 0 ? 0 : 1);
