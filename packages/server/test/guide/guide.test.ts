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

/** What readers do before the walk: the test has its platform and commands already. */
const unrun = ['npm ci && npm start', 'npm install --global ./packages/cli ./packages/server'];

/** What needs an account elsewhere, and the internet: the tests of services have stand-ins for them. */
const elsewhere = [
  `wsk action invoke team/post --result -p text 'All is green.'
wsk action invoke /whisk.system/websocket/send --result -p uri wss://example.com/socket -p payload 'All is green.'`,
  `wsk package bind /whisk.system/github mygit -p repository grace/demo -p accessToken "$TOKEN"
wsk trigger create pushes --feed mygit/webhook -p events push,pull_request`,
];

/** Writes what the commands print into the pages instead of comparing it: then read the difference. */
const writes = process.env['WRITE_GUIDE'] !== undefined;

interface Difference {
  readonly example: Example;
  readonly printed: string;
}

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

/** Does all that a page says, and returns where it went otherwise. */
async function walk(page: string): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const step of stepsOf(page)) {
    if (step.kind === 'file') walker.write(step.name, step.text);
    if (step.kind !== 'command') continue;
    const printed = await run(step);
    if (printed !== step.shown && !matches(printed, step.shown)) differences.push({ example: step, printed });
    if (differences.length > 0 && !writes) break;
  }
  return differences;
}

function rewritten(page: string, differences: readonly Difference[]): string {
  return differences.reduceRight((text, { example, printed }) => {
    const end = printed === '' || printed.endsWith('\n') ? '' : '\n';
    return text.slice(0, example.from) + printed + end + text.slice(example.to);
  }, page);
}

describe.sequential('a walk through the guide', () => {
  it.each(pages)(
    'every command of %s prints what it shows',
    async (name) => {
      const page = readFileSync(docs + name, 'utf8');
      const differences = await walk(page);
      if (writes) writeFileSync(docs + name, rewritten(page, differences));
      else {
        const [shown, printed] = [
          differences.map(({ example }) => `$ ${example.command}\n${example.shown}`),
          differences.map(({ example, printed: text }) => `$ ${example.command}\n${text}`),
        ];
        expect(printed).toEqual(shown);
      }
      const left = stepsOf(page).filter(({ kind }) => kind === 'unrun');
      expect(
        left.filter((step) => step.kind === 'unrun' && ![...unrun, ...elsewhere].includes(step.text.trim())),
      ).toEqual([]);
    },
    60_000,
  );

  it('every page is in the table of contents', () => {
    const there = readdirSync(`${docs}guide`).map((name) => `guide/${name}`);
    expect(new Set(pages)).toEqual(new Set(there));
  });

  it('every link of the guide leads to what there is', () => {
    const missing = ['README.md', ...pages].flatMap((name) => {
      const links = readFileSync(docs + name, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g);
      const targets = Array.from(links, ([, target = '']) => new URL(target, `file://${docs}${name}`));
      return targets
        .filter((url) => !existsSync(fileURLToPath(url)))
        .map((url) => `${name}: ${url.pathname}`);
    });
    expect(missing).toEqual([]);
  });
});
