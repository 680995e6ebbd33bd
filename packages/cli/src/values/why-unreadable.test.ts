import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { whyUnreadable } from './why-unreadable.ts';

function reasonFor(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return whyUnreadable(error);
  }
}

test('a file that is missing, and a folder in its place, are told in plain words', () => {
  expect(reasonFor('/nowhere/at-all.json')).toBe('there is no such file');
  expect(reasonFor('/')).toBe('it is a folder');
});

test('what has no plain words keeps those of the system', () => {
  expect(reasonFor('/etc/hostname/below')).toContain('ENOTDIR');
  expect(whyUnreadable('odd')).toBe('odd');
});
