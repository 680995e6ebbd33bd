/**
 * What all sandboxes of one kind on this agent share: the read-only root, the system call filter, and where the programs
 * are.
 *
 * It is made once and kept, because to make it takes longer than to start a sandbox (fifty small files), in a directory
 * that only this user can have made and can change: its parent lets nobody else rename or remove it (only its owner may
 * write there, or it is sticky like /tmp), and it is taken only when this user owns it and nobody else may write to it.
 * Code in a sandbox never sees it but read-only. Its name has a digest of all that it was made from, so that what was
 * updated is made anew; what somebody cleaned away in parts is made anew, too. Where no such directory can be had it is
 * made in the task's own.
 */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeBind, RuntimeCommand } from '../runtime-command.ts';

export interface Ground {
  readonly path: string;
  /** Relative to `path`. */
  readonly root: string;
  /** Absent: bubblewrap isn't installed. */
  readonly bwrap?: string;
  /** Does this bubblewrap bound private file systems? */
  readonly sizes: boolean;
  /** Has a filter for this architecture been written to `seccomp.bpf`? */
  readonly filters: boolean;
  readonly command: RuntimeCommand;
  readonly binds: readonly RuntimeBind[];
}

export interface GroundWish {
  /** Where the launcher and the runtimes are. */
  readonly agentDirectory: string;
  readonly kind: string;
  readonly uid: number;
  /** Sandboxes run as users of their own. */
  readonly ownUsers: boolean;
}

/** As it is kept: also the files that it has to have. */
export interface KeptGround {
  readonly ground: Omit<Ground, 'path'>;
  readonly files: readonly string[];
}

/** File of a ground that describes it. */
export const description = 'ground.json';

/** The ground in a directory, when it is ours and whole. */
export function readGround(path: string, uid: number): Ground | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) return undefined;
  try {
    const { ground, files } = JSON.parse(readFileSync(join(path, description), 'utf8')) as KeptGround;
    const programs = ground.binds.map(({ host }) => host);
    const isWhole = [...files.map((file) => join(path, file)), ...programs].every(
      (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined,
    );
    return isWhole ? { path, ...ground } : undefined;
  } catch {
    return undefined;
  }
}
