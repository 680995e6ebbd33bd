import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Makes a root directory with a shell, a few programs and what they are linked with: an image without a registry. */
export async function makeSmallRoot(): Promise<string> {
  const root = await mkdtemp(join(await realpath(tmpdir()), 'image-'));
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'etc'));
  await writeFile(join(root, 'etc', 'image-name'), 'small\n');
  for (const program of [
    '/bin/sh',
    '/bin/cat',
    '/bin/sleep',
    '/bin/touch',
    '/usr/bin/test',
    '/usr/bin/env',
  ]) {
    await copyFile(await realpath(program), join(root, 'bin', basename(program)));
    const linked = execFileSync('ldd', [program]).toString();
    for (const [library] of linked.matchAll(/\/\S+\.so\S*/g)) {
      await mkdir(join(root, dirname(library)), { recursive: true });
      await copyFile(library, join(root, library));
    }
  }
  return root;
}
