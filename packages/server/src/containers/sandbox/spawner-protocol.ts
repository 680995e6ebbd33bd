/** What the platform and its spawner tell each other: one JSON document a line. */
import type { CgroupPlan } from './cgroup-plan.ts';

/** Of a sandboxed process: the spawner tells the program in it to begin. */
export const LINE_FD = 5;

export interface StartOrder {
  readonly do: 'start';
  readonly id: number;
  readonly name: string;
  /** The whole command line. */
  readonly argv: readonly string[];
  /** Does it begin with bubblewrap, in which a program waits at {@link LINE_FD}? Otherwise it is a plain process. */
  readonly sandboxed: boolean;
  readonly env: { readonly [name: string]: string };
  /** The user that it is outside; absent: the spawner's own. */
  readonly uid?: number;
  readonly cgroups?: CgroupPlan;
  /** Names in the spawner's directory. */
  readonly socket: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Handed over as descriptor 4. */
  readonly seccompFile?: string;
}

export interface NetworkOrder {
  readonly do: 'network';
  readonly id: number;
  readonly name: string;
  /** The filter, in place before the first packet can leave. */
  readonly rules: string;
  readonly tools: NetworkTools;
}

export interface NetworkTools {
  readonly slirp4netns: string;
  readonly nft: string;
  readonly nsenter: string;
  /** perl or python3: finds the user namespace that owns a network namespace. */
  readonly interpreter: string;
  /** May anyone open /dev/net/tun? Otherwise slirp4netns starts as root (and drops what it can by itself). */
  readonly tunForAll: boolean;
}

export type SpawnerOrder =
  | StartOrder
  | NetworkOrder
  | { readonly do: 'fifos'; readonly id: number; readonly names: readonly string[] }
  | { readonly do: 'kill'; readonly name: string };

export type SpawnerReply =
  | { readonly id: number; readonly ok: true; readonly pid?: number }
  | { readonly id: number; readonly ok: false; readonly error: string }
  | {
      readonly event: 'exit';
      readonly name: string;
      readonly code: number | null;
      readonly signal: string | null;
      readonly oomKills: number;
    }
  /** Nothing of it is left: no process, no cgroup, no socket. */
  | { readonly event: 'gone'; readonly name: string };

/** Calls `take` with each whole line that the chunks make. */
export function lineReader(take: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') take(line);
  };
}
