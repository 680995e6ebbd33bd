// The one gate: format → lint → types → dependency rules → dead exports → documents fresh. Runs all, then says which failed.
import { spawnSync } from 'node:child_process';

const steps = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.'], 'npm run format'],
  [
    'lint',
    'oxlint',
    ['--type-aware', '--deny-warnings'],
    'read the rule’s message; house rules are in .oxlintrc.json',
  ],
  ['types', 'tsc', ['-b'], 'npx tsc -b'],
  ['types of tests', 'tsc', ['-p', 'tsconfig.test.json'], 'npx tsc -p tsconfig.test.json'],
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
const failed = [];
for (const [name, command, args, mend] of steps) {
  if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: process.env,
    maxBuffer: 64 << 20,
  });
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status === 0) continue;
  failed.push(name);
  console.log(`${stdout}${stderr}`.split('\n').slice(0, 80).join('\n'));
  console.log(`  mend: ${mend}\n`);
}
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
