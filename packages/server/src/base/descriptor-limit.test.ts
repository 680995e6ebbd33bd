import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { descriptorLimit } from './descriptor-limit.ts';

test('the limit is what the kernel holds this process to', () => {
  // Node takes the hard limit for itself at its start.
  const hard = execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  expect(String(descriptorLimit())).toBe(hard);
});
