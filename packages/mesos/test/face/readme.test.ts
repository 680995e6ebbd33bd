import { readdirSync, readFileSync } from 'node:fs';
import { complaintsAboutProgram } from '@vibrissa/testkit/readme';
import { describe, expect, test } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const source = (path: string) =>
  readFileSync(new URL(`../../src/scheduler/${path}`, import.meta.url), 'utf8');

describe('the README names', () => {
  test.each(source('options.ts').match(/(?<=^ {2}readonly )\w+/gm)!)('the option %s', (option) => {
    expect(readme).toMatch(new RegExp(`\`\\.?${option}\``));
  });

  const classes = readdirSync(new URL('../../src/scheduler/errors', import.meta.url))
    .filter((file) => file.endsWith('errors.ts') || file === 'options-error.ts')
    .flatMap((file) => source(`errors/${file}`).match(/(?<=readonly code.*)'[A-Z_]+'/gm) ?? []);

  test.each(classes)('the error %s', (code) => {
    expect(readme).toContain(`\`${code.slice(1, -1)}\``);
  });
});

test('the program at the beginning of the README compiles as strict TypeScript', () => {
  expect(complaintsAboutProgram(new URL('../../README.md', import.meta.url))).toEqual([]);
}, 60_000);
