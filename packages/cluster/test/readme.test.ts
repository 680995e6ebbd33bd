import { complaintsAboutProgram } from '@vibrissa/testkit/readme';
import { expect, test } from 'vitest';

test('the program at the beginning of the README compiles as strict TypeScript', () => {
  expect(complaintsAboutProgram(new URL('../README.md', import.meta.url))).toEqual([]);
}, 60_000);
