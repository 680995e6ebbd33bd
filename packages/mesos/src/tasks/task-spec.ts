import type { WireLabels, WireTaskInfo } from '../wire/index.ts';

/**
 * What a program wants to run. Exactly one of `command` and `image` says what: a `command` alone is a plain command
 * task; an `image` with or without a `command` is a container task.
 */
export interface TaskSpec {
  /**
   * 1–244 bytes of UTF-8 without `/`, `\` and control characters; unique for ever. Default: a generated one. Mesos takes
   * 255; the rest is for the number of a repeated launch (`id.2`).
   */
  readonly id?: string;
  /** For people; default: the id. */
  readonly name?: string;
  /** The role whose offers it takes; default: the framework's first one. */
  readonly role?: string;
  /** Units of a processor, three decimals. */
  readonly cpus: number;
  readonly memoryMb: number;
  /** Default 0: none is asked for. */
  readonly diskMb?: number;
  /** Default 0. */
  readonly gpus?: number;
  /** Ports that the task serves; each takes one port of the agent, save on a routable network. */
  readonly ports?: readonly PortSpec[];
  /** A line for the shell, or a program with its arguments. With an image: instead of its own entry point or as its arguments. */
  readonly command?: string | CommandSpec;
  readonly image?: string | ImageSpec;
  /** Variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the agent fetches into the sandbox before the start. */
  readonly fetch?: readonly FetchSpec[];
  /** The user of the agent's machine; default: the framework's. */
  readonly user?: string;
  readonly constraints?: readonly Constraint[];
  readonly healthCheck?: HealthCheckSpec;
  /** From the end of a kill's politeness (SIGTERM) to SIGKILL; default: the agent's, 5 s. */
  readonly killGraceMs?: number;
  /** The longest that it may run; needs Mesos 1.8. */
  readonly maxRunMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly volumes?: readonly VolumeSpec[];
  /** The last word on what is sent, after this client has built it. Ids, agent and resources must stay. */
  readonly customize?: (task: WireTaskInfo) => WireTaskInfo;
}

export interface CommandSpec {
  readonly program: string;
  readonly arguments?: readonly string[];
}

export interface ImageSpec {
  readonly name: string;
  /** `docker`: the agent's Docker Engine. `ucr`: Mesos's own containerizer. Default `docker`. */
  readonly runtime?: 'docker' | 'ucr';
  /**
   * Docker: `bridge` (default), `host`, or a user network by its name. UCR: `host` (default), or a CNI network by its
   * name.
   */
  readonly network?: 'bridge' | 'host' | { readonly name: string };
  /** The addresses of a named network can be dialled from outside. Default false: the mapped port of the agent is dialled. */
  readonly routable?: boolean;
  readonly forcePull?: boolean;
  /** Arguments for the image's own entry point. */
  readonly arguments?: readonly string[];
  /** Docker only: further options of `docker run`, without dashes. */
  readonly parameters?: readonly { readonly key: string; readonly value: string }[];
  readonly privileged?: boolean;
}

export interface PortSpec {
  /** `http`, …: a key of {@link Endpoint.ports}. Default: `port0`, `port1`, … */
  readonly name?: string;
  /** Where the program listens inside its container; 0 or absent: on the port of the agent that it got (`PORT0`, …). */
  readonly containerPort?: number;
  readonly protocol?: 'tcp' | 'udp';
}

export interface FetchSpec {
  readonly uri: string;
  /** Unpack an archive; default true, as Mesos does. */
  readonly extract?: boolean;
  readonly executable?: boolean;
  readonly cache?: boolean;
  readonly outputFile?: string;
}

export interface VolumeSpec {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly?: boolean;
}

/** `LIKE` and `UNLIKE` take a regular expression for the whole value. An agent without the attribute satisfies no constraint but `UNLIKE`. */
export interface Constraint {
  /** An agent's attribute, or `hostname`, `@region`, `@zone`. */
  readonly attribute: string;
  readonly operator: 'LIKE' | 'UNLIKE' | 'EXISTS' | 'EQUALS';
  readonly value?: string;
}

export interface HealthCheckSpec {
  readonly type: 'TCP' | 'HTTP' | 'COMMAND';
  /** TCP, HTTP: index into `ports`; default 0. */
  readonly portIndex?: number;
  /** HTTP: default `/`. */
  readonly path?: string;
  readonly scheme?: 'http' | 'https';
  /** COMMAND: a line for the shell. */
  readonly command?: string;
  /** Default 15,000. */
  readonly delayMs?: number;
  /** Default 10,000. */
  readonly intervalMs?: number;
  /** Default 20,000; under 5,000 a busy agent's checks fail by themselves. */
  readonly timeoutMs?: number;
  /** Default 3; then the executor kills the task. */
  readonly maxFailures?: number;
  /** Failures that early don't count; default 10,000. */
  readonly gracePeriodMs?: number;
}

/** Tasks that start, end and are placed together on one agent, in one executor (a pod). Needs the Mesos containerizer. */
export interface TaskGroupSpec {
  /** Default: a generated one. */
  readonly id?: string;
  readonly tasks: readonly TaskSpec[];
  /** What the executor takes itself; defaults 0.1, 32, 32. */
  readonly executor?: { readonly cpus?: number; readonly memoryMb?: number; readonly diskMb?: number };
  /** The CNI network of the group; default: the agent's own. */
  readonly network?: { readonly name: string };
}

export type { WireLabels };
