import { readFileSync } from 'node:fs';

import { afterAll, expect, it } from 'vitest';
import { matches } from '../guide/compare.ts';
import { stepsOf } from '../guide/page.ts';
import { Walker } from '../guide/walker.ts';
import { cleanUp } from '../platform/platform-process.ts';

const page = readFileSync(new URL('../../../../docs/observability.md', import.meta.url), 'utf8');

/** The log is written behind, and slots are given back after the answer: these are typed again, for so long. */
const PATIENCE_MS = 20_000;
const looksBehind = /^(?:grep|curl -s (?!-X))/;

afterAll(cleanUp);

// A platform of its own: the page shows counts from the start.
it('every command of the page about observability prints what it shows', async () => {
  const walker = await Walker.open();
  let commands = 0;
  for (const step of stepsOf(page)) {
    if (step.kind === 'file') walker.write(step.name, step.text);
    if (step.kind !== 'command') continue;
    commands++;
    let printed = await walker.type(step.command);
    const untilMs = performance.now() + PATIENCE_MS;
    while (looksBehind.test(step.command) && !matches(printed, step.shown) && performance.now() < untilMs)
      printed = await walker.type(step.command);
    if (!matches(printed, step.shown))
      expect(`$ ${step.command}\n${printed}`).toBe(`$ ${step.command}\n${step.shown}`);
  }
  expect(commands).toBeGreaterThan(8);
}, 60_000);
