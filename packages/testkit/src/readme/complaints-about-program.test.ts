import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { complaintsAboutProgram } from './complaints-about-program.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'readme-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function readmeOf(text: string): URL {
  const path = join(directory, 'README.md');
  writeFileSync(path, text);
  return pathToFileURL(path);
}

test('a program of a README that does not compile is told of', () => {
  const readme = readmeOf('# A\n\n```js\nconst length: number = "four";\nmissing(length);\n```\n');
  expect(complaintsAboutProgram(readme)).toEqual([
    "Type 'string' is not assignable to type 'number'.",
    "Cannot find name 'missing'.",
  ]);
}, 60_000);

test('a README without a program is told of', () => {
  expect(() => complaintsAboutProgram(readmeOf('# A\n'))).toThrow(/There is no program in .*README\.md\./);
});
