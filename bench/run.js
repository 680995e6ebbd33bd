#!/usr/bin/env node
// npm run bench [-- NAME … | --list]: measures the figures of docs/performance.md; see bench/README.md.
import { readdirSync } from 'node:fs';
import { note, table } from './lib/report.js';

const names = readdirSync(new URL('figures/', import.meta.url))
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3))
  .sort();
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const quick = process.argv.includes('--quick');

if (process.argv.includes('--help') || process.argv.includes('-h') || process.argv.includes('--list')) {
  console.log(
    `usage: npm run bench -- [--quick] [FIGURE …]\n\n--quick measures fewer and shorter blocks: to try, not to report.\n\nfigures:\n${names.map((n) => `  ${n}`).join('\n')}`,
  );
  process.exit(0);
}
for (const name of wanted) {
  if (!names.includes(name)) {
    console.error(`there is no figure '${name}'. Figures: ${names.join(', ')}`);
    process.exit(2);
  }
}

let failed = 0;
for (const name of wanted.length > 0 ? wanted : names) {
  note(`— ${name}`);
  try {
    const { run } = await import(`./figures/${name}.js`);
    await run({ quick, pairs: quick ? 4 : 20, calls: quick ? 500 : 2000, seconds: quick ? 1 : 5 });
  } catch (error) {
    failed++;
    console.error(`${name} failed: ${error.stack ?? error}`);
  }
}
note(`\n${table()}`);
process.exit(failed > 0 ? 1 : 0);
