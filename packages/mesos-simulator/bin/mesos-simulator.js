#!/usr/bin/env node
import { existsSync } from 'node:fs';

const compiled = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(compiled)) {
  console.error(
    'error: the simulator is not built yet.\n  mend: npm ci (or, in a checkout with changes, npm run build)',
  );
  process.exit(1);
}
const { main } = await import(compiled.href);
process.exit(await main());
