// Writes the reference pages under docs/reference from what the code declares; `--check` only says which are stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderReferences } from '../packages/server/dist/index.js';
import { renderCliReference } from '../packages/cli/dist/index.js';

const check = process.argv.includes('--check');
const directory = fileURLToPath(new URL('../docs/reference/', import.meta.url));
mkdirSync(directory, { recursive: true });

const pages = { ...renderReferences(), 'cli-wsk.md': renderCliReference() };
const stale = [];
for (const [name, text] of Object.entries(pages)) {
  const path = directory + name;
  if (read(path) === text) continue;
  stale.push(name);
  if (!check) writeFileSync(path, text);
}
if (stale.length === 0) console.log('docs/reference is fresh');
else if (check) {
  console.error(`stale: ${stale.join(', ')}. Run: npm run docs`);
  process.exit(1);
} else console.log(`written: ${stale.join(', ')}`);

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
