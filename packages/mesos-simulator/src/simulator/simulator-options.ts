import { chmod, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { WireAttribute, WireDomain, WireResource } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../agent/agent-info.ts';
import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { MarathonOptions } from '../marathon/marathon-options.ts';
import type { MasterOptions } from '../master/master-options.ts';
import { parseAttributes, parseResources } from './agent-settings.ts';

/** One simulated agent. */
export interface AgentOptions {
  /**
   * As `mesos-agent --resources` takes them: `cpus:8;mem:16384;disk:10000;ports:[31000-32000]`. Default: these, each
   * agent with its own part of the ports, as they share one machine; further simulators on it have other ports.
   */
  readonly resources?: string | readonly WireResource[];
  /** As `mesos-agent --attributes` takes them: `rack:r1;zone:z1`. */
  readonly attributes?: string | readonly WireAttribute[];
  /** What it is called in offers; default its address. */
  readonly hostname?: string;
  /** An address of this machine; default 127.0.0.1, 127.0.0.2, … where they can be had. */
  readonly host?: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly region?: string;
  readonly zone?: string;
}

/** How a simulator is set up; all may be left out. Further ones are those of a master. */
export interface SimulatorOptions extends Omit<MasterOptions, 'address'> {
  /** How many, or each by itself; default 1. */
  readonly agents?: number | readonly AgentOptions[];
  /** Default 1. */
  readonly masters?: number;
  /** Where masters and agents listen; default 127.0.0.1, and the addresses after it. */
  readonly host?: string;
  /** Of the first master; the others have it at other addresses, or the ports after it. Default: any free one. */
  readonly port?: number;
  /** Of the first agent; the others have the ports after it. Default: any free one. */
  readonly agentPort?: number;
  /** A port of its own for the control endpoint, which survives masters; default: none. */
  readonly controlPort?: number;
  /** What a master remembers when it starts again: nothing (default), or what masters wrote down. */
  readonly registry?: 'in_memory' | 'replicated_log';
  /** Secrets by principal: frameworks then have to authenticate. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** From the death of a leader to the next one; default 8,000. */
  readonly electionMs?: number;
  /** Directories that are the roots of tasks with these images. */
  readonly images?: Readonly<Record<string, string>>;
  /** The socket of a Docker Engine; default `/var/run/docker.sock`. */
  readonly dockerSocket?: string;
  /** A Marathon on these masters: `true`, or how it is set up. Default: none. */
  readonly marathon?: boolean | MarathonOptions;
  /** Where sandboxes are; default: a new directory that is removed at the end. */
  readonly workDirectory?: string;
  /** Time, for tests that move it. Processes live in real time. */
  readonly clock?: Clock;
  /** Randomness, for tests that repeat. */
  readonly random?: RandomSource;
}

const DEFAULT_RESOURCES = 'cpus:8;mem:16384;disk:10000';

/** An agent among those that share ports. */
interface AgentPosition {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  readonly ports: { readonly begin: number; readonly end: number };
}

/** The part of an agent in the ports that all of them share. */
function portsOf({ index, count, ports }: AgentPosition): string {
  const size = Math.floor((ports.end - ports.begin + 1) / count);
  const begin = ports.begin + index * size;
  const end = index === count - 1 ? ports.end : begin + size - 1;
  return `ports:[${begin}-${end}]`;
}

function domainOf({ region, zone }: AgentOptions): WireDomain | undefined {
  if (region === undefined && zone === undefined) return undefined;
  return { fault_domain: { region: { name: region ?? 'region-1' }, zone: { name: zone ?? 'zone-1' } } };
}

/** Each agent's own options, however they were given. */
export function agentList(options: SimulatorOptions): readonly AgentOptions[] {
  const { agents = 1 } = options;
  return typeof agents === 'number' ? Array.from({ length: agents }, () => ({})) : agents;
}

/** What an agent is in offers. Throws an `InvalidNotation`. */
export function agentInfo(
  agent: AgentOptions,
  position: AgentPosition,
  version: string,
): Pick<AgentInfo, 'resources' | 'attributes' | 'domain' | 'version'> {
  const { resources = `${DEFAULT_RESOURCES};${portsOf(position)}`, attributes = '' } = agent;
  const domain = domainOf(agent);
  return {
    resources: typeof resources === 'string' ? parseResources(resources) : resources,
    attributes: typeof attributes === 'string' ? parseAttributes(attributes) : attributes,
    ...(domain ? { domain } : {}),
    version,
  };
}

function canListen(host: string): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(0, host, () => server.close(() => done(true)));
  });
}

/** Addresses beginning with `host`: loopback has many on most machines; elsewhere it is the same one again. */
export async function addresses(host: string, count: number): Promise<string[]> {
  const [, prefix, last] = /^(127\.\d+\.\d+\.)(\d+)$/.exec(host) ?? [];
  const found: string[] = [];
  for (let index = 0; index < count; index++) {
    const candidate = prefix === undefined ? host : `${prefix}${Number(last) + index}`;
    found.push(index > 0 && candidate !== host && !(await canListen(candidate)) ? host : candidate);
  }
  return found;
}

export interface WorkDirectory {
  readonly path: string;
  /** It was made for this simulator, and goes with it. */
  readonly isTemporary: boolean;
}

/** Rejects when the directory is not empty and is not a simulator's. */
export async function workDirectory(given: string | undefined): Promise<WorkDirectory> {
  if (given === undefined) {
    const made = await mkdtemp(join(await realpath(tmpdir()), 'mesos-simulator-'));
    // A task of another user has to get to its sandbox; what else is there it need not see.
    await chmod(made, 0o711);
    return { path: made, isTemporary: true };
  }
  const path = resolve(given);
  await mkdir(path, { recursive: true });
  const foreign = (await readdir(path)).filter((name) => !/^agent-\d+$/.test(name));
  if (foreign.length > 0) {
    throw new Error(`The work directory ${path} holds other files (${foreign[0]}): give an empty one.`);
  }
  return { path: await realpath(path), isTemporary: false };
}
