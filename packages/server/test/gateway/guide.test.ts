import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { runGuide } from './run-guide.ts';
import { openWskOnPlatform } from './wsk-on-platform.ts';

afterAll(cleanUp);

it('every example of the guide to APIs does what it shows', async () => {
  const page = readFileSync(new URL('../../../../docs/guide/apis.md', import.meta.url), 'utf8');
  const results = await runGuide(await openWskOnPlatform(), page);
  expect(results.length).toBeGreaterThan(14);
  for (const { command, printed, shown } of results) {
    expect(`$ ${command}\n${printed}`).toBe(`$ ${command}\n${shown}`);
  }
}, 60_000);
