import { execFileSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runtimes = fileURLToPath(new URL('../../../../runtimes', import.meta.url));

/** An image without a registry: this Node and a shell with what they are linked with, and the Node runtime. */
export async function makeImageRoot(): Promise<string> {
  const root = await mkdtemp(join(await realpath(tmpdir()), 'vbm-image-'));
  await mkdir(join(root, 'bin'));
  for (const [name, program] of [
    ['node', process.execPath],
    ['sh', '/bin/sh'],
  ] as const) {
    const real = await realpath(program);
    await copyFile(real, join(root, 'bin', name));
    const linked = execFileSync('ldd', [real]).toString();
    for (const [library] of linked.matchAll(/\/\S+\.so\S*/g)) {
      await mkdir(join(root, dirname(library)), { recursive: true });
      await copyFile(library, join(root, library));
    }
  }
  for (const part of ['nodejs', 'shared']) {
    await cp(join(runtimes, part), join(root, 'runtimes', part), { recursive: true });
  }
  await writeFile(join(root, 'entrypoint'), '#!/bin/sh\nexec /bin/node /runtimes/nodejs/runtime.js\n', {
    mode: 0o755,
  });
  await chmod(root, 0o755);
  return root;
}
