import { Type, type Static } from 'typebox';

const resources = Type.Object({ cpus: Type.Number(), memoryMb: Type.Number() });

const agent = Type.Object({
  id: Type.String(),
  hostname: Type.String(),
  /** The master sends it tasks: it is connected, and not deactivated. */
  active: Type.Boolean(),
  /** An operator has told it to take none: it is drained, or was. */
  deactivated: Type.Boolean(),
  total: resources,
  /** Neither used by tasks of anybody, nor reserved for another role. */
  free: resources,
});

const task = Type.Object({
  id: Type.String(),
  /** The container's. */
  name: Type.String(),
  /** `nodejs:20`, `blackbox`, … */
  kind: Type.String(),
  memoryMb: Type.Number(),
  /** As Mesos has told it last (`TASK_RUNNING`); absent before its first word. */
  state: Type.Optional(Type.String()),
  /** Hostname; absent until it is placed. */
  agent: Type.Optional(Type.String()),
  /** Where its files can be seen: an address of the Mesos page, or a path on the agent. */
  sandbox: Type.Optional(Type.String()),
  /** What the pool knows of it; absent for a task that is none of its containers (one that is being killed). */
  container: Type.Optional(
    Type.Object({
      /** The pool's word: `starting`, `prewarmed`, `ready`, … */
      state: Type.String(),
      /** `ns[/pkg]/name`; absent while it is prewarmed. */
      action: Type.Optional(Type.String()),
      /** Activations that run in it now. */
      active: Type.Integer(),
      /** Activations that it has run; absent where nobody counts. */
      activations: Type.Optional(Type.Integer()),
    }),
  ),
});

const waiting = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.String(),
  memoryMb: Type.Number(),
  waitedMs: Type.Number(),
  /** A sentence: what the offers lacked. */
  why: Type.String(),
});

const failedStart = Type.Object({
  /** `nodejs:20`, or an image. */
  kind: Type.String(),
  memoryMb: Type.Number(),
  /** Hostname; absent where it came to none. */
  agent: Type.Optional(Type.String()),
  /** A sentence, of the last time. */
  reason: Type.String(),
  /** Of the last time. */
  at: Type.Number(),
  times: Type.Integer(),
});

/** What `GET /mesos` answers: how things stand between the platform and Mesos. Times are epoch milliseconds. */
export const mesosReportSchema = Type.Object({
  framework: Type.Object({
    /** Absent until Mesos has given one. */
    id: Type.Optional(Type.String()),
    name: Type.String(),
    role: Type.String(),
    /** How long its tasks outlive a stopped platform. */
    failoverTimeoutMs: Type.Number(),
    /** A stop removes it, and its tasks with it: none outlives the platform. */
    teardownOnExit: Type.Boolean(),
  }),
  /** As configured. */
  masters: Type.String(),
  connection: Type.Object({
    subscribed: Type.Boolean(),
    since: Type.Number(),
    /** Why not; a sentence. */
    why: Type.Optional(Type.String()),
  }),
  /** Absent when the master did not say; `agentsUnknown` has the reason. */
  agents: Type.Optional(Type.Array(agent)),
  agentsUnknown: Type.Optional(Type.String()),
  /** Of actions' memory in containers: what is taken, and what all together may take. */
  memory: Type.Object({ usedMb: Type.Number(), userMemoryMb: Type.Number() }),
  /** Offers in hand, for containers to come. */
  offersHeld: Type.Integer(),
  tasks: Type.Array(task),
  /** Tasks that no offer has fitted yet. */
  waiting: Type.Array(waiting),
  /** Starts of containers that failed lately, at most ten, the latest first. */
  failedStarts: Type.Array(failedStart),
});

export type MesosReport = Static<typeof mesosReportSchema>;
