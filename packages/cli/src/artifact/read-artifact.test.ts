import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readArtifact } from './read-artifact.ts';

it('a file far larger than any code is refused by its size, with a sentence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsk-artifact-'));
  const path = join(folder, 'large.js');
  writeFileSync(path, '');
  try {
    // Sparse: it takes no room on the disk. Larger than a text can be, then larger than what can be read at once.
    for (const bytes of [600 * 1024 ** 2, 3 * 1024 ** 3]) {
      truncateSync(path, bytes);
      expect(() => readArtifact(path)).toThrow(`is too large: its code has ${bytes} bytes`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
