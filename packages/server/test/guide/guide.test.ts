import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '../platform/platform-process.ts';
import { matches } from './compare.ts';
import { stepsOf, type Example } from './page.ts';
import { Walker } from './walker.ts';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const contents = readFileSync(`${docs}README.md`, 'utf8');
/** The pages in the order of the table of contents. */
const pages = [...contents.matchAll(/\]\((guide\/[\w-]+\.md)\)/g)].map(([, page = '']) => page);

/** What its readers do before the walk, or instead of it. */
const unrun = ['npm ci && npm start', 'npm install --global ./packages/cli ./packages/server'];

/** Writes what the commands print into the pages instead of comparing it: then read the difference. */
const writes = process.env['WRITE_GUIDE'] !== undefined;

let walker: Walker;
beforeAll(async () => {
  walker = await Walker.open();
});
afterAll(cleanUp);

async function run({ command, shown }: Example): Promise<string> {
  const [before = '', after] = shown.split(/^\^C\n/m);
  if (after === undefined) return walker.type(command);
  const printed = await walker.type(command, { when: (text) => matches(text, before) });
  return matches(printed, before + after) ? shown : printed;
}

describe.sequential('a walk through the guide', () => {
  it.each(pages)('every command of %s prints what it shows', { timeout: 60_000 }, async (name) => {
    let page = readFileSync(docs + name, 'utf8');
    let grown = 0;
    for (const step of stepsOf(page)) {
      if (step.kind === 'file') walker.write(step.name, step.text);
      if (step.kind === 'unrun') expect(unrun).toContain(step.text.trim());
      if (step.kind !== 'command') continue;
      const printed = await run(step);
      if (printed === step.shown || matches(printed, step.shown)) continue;
      if (!writes) expect(`$ ${step.command}\n${printed}`).toBe(`$ ${step.command}\n${step.shown}`);
      const text = printed === '' || printed.endsWith('\n') ? printed : `${printed}\n`;
      page = page.slice(0, step.from + grown) + text + page.slice(step.to + grown);
      grown += text.length - step.shown.length;
    }
    if (writes) writeFileSync(docs + name, page);
  });

  it('every page is in the table of contents, and leads to what there is', () => {
    expect(
      readdirSync(`${docs}guide`)
        .map((name) => `guide/${name}`)
        .sort(),
    ).toEqual([...pages].sort());
    for (const name of ['README.md', ...pages]) {
      const links = readFileSync(docs + name, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g);
      for (const [, target = ''] of links) {
        const url = new URL(target, `file://${docs}${name}`);
        expect([name, target, existsSync(fileURLToPath(url))]).toEqual([name, target, true]);
      }
    }
  });
});
