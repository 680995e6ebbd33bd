/** Finds the ground of an agent's sandboxes, or has it made (see `ground.ts`). */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../probe-machine.ts';
import { copiedFiles } from '../root-template.ts';
import { type Ground, type GroundWish, readGround } from './ground.ts';

/** Changes when the file does. */
function stampOf(path: string | undefined): string {
  const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '-' : `${found.mtimeMs}:${found.size}`;
}

function groundName({ agentDirectory, kind, uid, ownUsers }: GroundWish): string {
  const bwrap = findProgram('bwrap');
  const made = [
    readFileSync(join(agentDirectory, 'digest'), 'utf8'),
    kind,
    ownUsers,
    process.execPath,
    stampOf(process.execPath),
    bwrap,
    stampOf(bwrap),
    ...copiedFiles.map((name) => stampOf(join('/etc', name))),
  ];
  const key = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
  return `vibrissa-agent-${uid}-${key}`;
}

/** Can nobody else put a directory in the place of one of ours there? */
function isSafeParent(path: string, uid: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory() || (found.uid !== 0 && found.uid !== uid)) return false;
  return (found.mode & 0o022) === 0 || (found.mode & 0o1000) !== 0;
}

/** The ground that fits, made if there is none. Throws {@link LaunchRefusal} where this agent lacks the kind. */
export async function openGround(wish: GroundWish): Promise<Ground> {
  const name = groundName(wish);
  const parents = ['/run', '/dev/shm', tmpdir()].filter((parent) => isSafeParent(parent, wish.uid));
  for (const parent of parents) {
    const ground = readGround(join(parent, name), wish.uid);
    if (ground !== undefined) return ground;
  }
  const { makeGround } = await import('./make-ground.ts');
  return makeGround(
    wish,
    [...parents, process.cwd()].map((parent) => join(parent, name)),
  );
}
