import { readFileSync } from 'node:fs';

import { complaintsAboutProgram } from '@vibrissa/testkit/readme';
import { expect, test } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const source = (path: string) => readFileSync(new URL(`../src/${path}`, import.meta.url), 'utf8');

test.each(source('shared/framework-problem.ts').match(/(?<=\| ')[A-Z_]+/g)!)(
  'the README says what the problem %s is',
  (code) => {
    expect(readme).toContain(`\`${code}\``);
  },
);

test.each(source('face/task-view.ts').match(/(?<=TaskStanding = .*)'\w+'/g)!)(
  'the README names the standing %s of a task',
  (standing) => {
    expect(readme).toContain(`\`${standing.slice(1, -1)}\``);
  },
);

test('the program at the beginning of the README compiles as strict TypeScript', () => {
  expect(complaintsAboutProgram(new URL('../README.md', import.meta.url))).toEqual([]);
}, 60_000);
