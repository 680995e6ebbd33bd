import { chmod, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { administrationRoute } from '../administration/administration-route.ts';
import type { ClusterReport } from '../administration/cluster-report.ts';
import { clusterRoute } from '../administration/cluster-route.ts';
import type { MesosReport } from '../administration/mesos-report.ts';
import { mesosRoute } from '../administration/mesos-route.ts';
import { descriptorLimit } from '../base/descriptor-limit.ts';
import { registerRoutes } from '../controller/routes/register-routes.ts';
import { createRedirect } from '../http/create-redirect.ts';
import { createServer } from '../http/create-server.ts';
import type { Route } from '../http/route.ts';
import type { Trust } from '../http/trusted-peer.ts';
import { ensureAdminToken } from './admin-token.ts';
import { agentArchiveRoutes, type AgentArchive } from './agent-archive-route.ts';
import { forgetApiSocketPath } from './api-socket-path.ts';
import type { Foundation } from './foundation.ts';
import type { Controller } from './open-controller.ts';
import type { OpenStores } from './open-stores.ts';
import type { Tls } from './read-tls.ts';
import { tryToListen } from './reserve-port.ts';
import { reachable, type ReachablePath } from './socket-path.ts';
import { StartError } from './start-error.ts';

const OWNER_ONLY = 0o600;
/** Shares of the descriptors. A sandbox's connection takes three, with the relay's two ends. */
const USERS_SHARE = 1 / 2;
const SANDBOXES_SHARE = 1 / 16;
/** A sandbox has a user id of its own; the directory around the socket keeps everybody else out. */
const EVERYBODY = 0o666;

export interface ListenerDeps extends Foundation {
  readonly controller: Controller;
  readonly stores: OpenStores;
  readonly tls: Tls | undefined;
  /** Where sandboxes reach the API. */
  readonly apiSocketPath: string;
  /** The users' port was chosen because it was free; another will do when it no longer is. */
  readonly portIsFree: boolean;
  /** Who leads. */
  readonly clusterReport: () => ClusterReport;
  /** How things stand with Mesos; absent where the containers are local. */
  readonly mesosReport?: () => Promise<MesosReport>;
  /** What Mesos agents fetch from the users' listener; absent where they have it, or are none. */
  readonly agentArchive?: AgentArchive | undefined;
}

/** A listener on a socket file, with what its path needs to stay reachable. */
interface SocketListener {
  readonly app: FastifyInstance;
  readonly reach: ReachablePath;
}

function serve(
  deps: ListenerDeps,
  options: {
    trust: Trust;
    routes: readonly Route[];
    tls?: Tls;
    maxConnections?: number;
    vanityDomain?: string | undefined;
  },
): FastifyInstance {
  const { clock, config, ids, logger, controller, trails } = deps;
  return createServer({
    clock,
    ids,
    trails,
    extraLoggingFor: config.log.extraLogging,
    logger: logger.child({ component: 'http' }),
    authentication: controller.authenticator,
    ...options,
  });
}

function changedAuth({ stores, controller }: ListenerDeps): OpenStores['auth'] {
  const { auth } = stores;
  const invalidating =
    <A extends unknown[], R>(change: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await change.apply(auth, args);
      } finally {
        controller.authenticator.invalidate();
      }
    };
  return {
    findIdentity: (uuid, key) => auth.findIdentity(uuid, key),
    identityOf: (namespace) => auth.identityOf(namespace),
    getSubject: (subject) => auth.getSubject(subject),
    subjectsOf: (namespace) => auth.subjectsOf(namespace),
    getLimits: (namespace) => auth.getLimits(namespace),
    putSubject: invalidating(auth.putSubject),
    deleteSubject: invalidating(auth.deleteSubject),
    putLimits: invalidating(auth.putLimits),
  };
}

/** The operators' pages, a sign of life, and the administration. */
function adminRoutes(deps: ListenerDeps, api: readonly Route[], token: string | undefined): Route[] {
  const administration = administrationRoute({
    auth: changedAuth(deps),
    ids: deps.ids,
    reloadKeys: () => deps.stores.reloadKeys(),
    token,
  });
  const mesos = mesosRoute({ report: deps.mesosReport, token });
  const cluster = clusterRoute({ report: deps.clusterReport, token });
  const ping = api.filter(({ path }) => path === '/ping');
  const monitoring = registerRoutes(deps.controller.routes, ['monitoring']);
  return [...ping, ...monitoring, cluster, mesos, administration];
}

async function listenOnSocket(app: FastifyInstance, path: string, mode: number): Promise<SocketListener> {
  // The lock on the data directory says that nobody else listens there: what is left is a dead platform's.
  await rm(path, { force: true });
  const reach = reachable(path);
  await app.listen({ path: reach.path });
  await chmod(path, mode);
  return { app, reach };
}

async function listenOnPort(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new StartError('ADDRESS_UNUSABLE', {
      message: `${host}:${port} can't be listened on: ${(cause as Error).message}.`,
      mend: 'Choose another port with --port (0 takes any free one) or --admin-port.',
      cause,
    });
  }
  return (app.server.address() as AddressInfo).port;
}

/** What was opened so far, so that a failure leaves nothing open. */
class Opening {
  readonly #deps: ListenerDeps;
  readonly apps: FastifyInstance[] = [];
  readonly api: readonly Route[];

  constructor(deps: ListenerDeps) {
    this.#deps = deps;
    this.api = registerRoutes(deps.controller.routes, ['api']);
  }

  #serve(options: Parameters<typeof serve>[1]): FastifyInstance {
    const app = serve(this.#deps, options);
    this.apps.push(app);
    return app;
  }

  forSandboxes(): Promise<SocketListener> {
    const maxConnections = Math.ceil(descriptorLimit() * SANDBOXES_SHARE);
    const app = this.#serve({ trust: 'no-peer', routes: this.api, maxConnections });
    return listenOnSocket(app, this.#deps.apiSocketPath, EVERYBODY);
  }

  forOwner(path: string): Promise<SocketListener> {
    const app = this.#serve({ trust: 'every-peer', routes: adminRoutes(this.#deps, this.api, undefined) });
    return listenOnSocket(app, path, OWNER_ONLY);
  }

  forAdministrators(port: number): Promise<number> {
    const token = ensureAdminToken(this.#deps.config.dataDir, this.#deps.ids);
    const routes = adminRoutes(this.#deps, this.api, token);
    return listenOnPort(this.#serve({ trust: 'loopback-peers', routes }), '127.0.0.1', port);
  }

  forUsers(): FastifyInstance {
    const { agentArchive, controller, tls } = this.#deps;
    // Calls that agents relay for their containers come to this port: on a shared machine from loopback, as an operator's do.
    const trust = this.#deps.config.containers.factory === 'mesos' ? 'no-peer' : 'loopback-peers';
    const archive = agentArchive === undefined ? [] : agentArchiveRoutes(agentArchive);
    const routes = [...this.api, ...registerRoutes(controller.routes, ['monitoring']), ...archive];
    const maxConnections = Math.ceil(descriptorLimit() * USERS_SHARE);
    const { vanityDomain } = this.#deps.config.http;
    return this.#serve({ trust, routes, maxConnections, vanityDomain, ...(tls && { tls }) });
  }
}

/** The platform's listeners: the users', the administrators' (socket file, and TCP if wanted), and the sandboxes'. */
export class Listeners {
  readonly adminPort: number | undefined;
  readonly adminSocketPath: string;
  readonly #deps: ListenerDeps;
  readonly #api: FastifyInstance;
  readonly #apps: FastifyInstance[];
  readonly #sockets: readonly [sandboxes: SocketListener, admin: SocketListener];
  readonly #closing = new Map<FastifyInstance, Promise<void>>();

  private constructor(parts: {
    deps: ListenerDeps;
    api: FastifyInstance;
    adminPort: number | undefined;
    adminSocketPath: string;
    apps: FastifyInstance[];
    sockets: readonly [SocketListener, SocketListener];
  }) {
    this.#deps = parts.deps;
    this.#api = parts.api;
    this.adminPort = parts.adminPort;
    this.adminSocketPath = parts.adminSocketPath;
    this.#apps = parts.apps;
    this.#sockets = parts.sockets;
  }

  /** Opens all but the users'. Throws {@link StartError}. */
  static async open(deps: ListenerDeps): Promise<Listeners> {
    const { http, dataDir } = deps.config;
    const opening = new Opening(deps);
    try {
      const adminSocketPath = join(dataDir, 'admin.sock');
      const sockets = [await opening.forSandboxes(), await opening.forOwner(adminSocketPath)] as const;
      const wanted = http.adminPort;
      const adminPort = wanted === undefined ? undefined : await opening.forAdministrators(wanted);
      const api = opening.forUsers();
      return new Listeners({ deps, api, adminPort, adminSocketPath, apps: opening.apps, sockets });
    } catch (error) {
      await Promise.all(opening.apps.map((app) => app.close()));
      throw error;
    }
  }

  /** Opens the users' listener, when all else is ready; resolves with its port. Throws {@link StartError}. */
  async openToUsers(): Promise<number> {
    const { config, portIsFree } = this.#deps;
    const { host, port } = config.http;
    const stillFree = !portIsFree || (await tryToListen(host, port)).ok;
    const bound = await listenOnPort(this.#api, host, stillFree ? port : 0);
    if (config.http.redirectPort !== undefined) await this.#redirect(host, config.http.redirectPort, bound);
    return bound;
  }

  async #redirect(host: string, port: number, apiPort: number): Promise<void> {
    const app = createRedirect(apiPort);
    this.#apps.push(app);
    await listenOnPort(app, host, port);
  }

  /** Takes no new connections from outside; requests under way go on. Sandboxes still reach the API. */
  stopAccepting(): void {
    for (const app of this.#apps) if (app !== this.#sockets[0].app) this.#beginToClose(app);
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    for (const app of this.#apps) this.#beginToClose(app);
    for (const app of this.#apps) app.server.closeAllConnections();
    await Promise.all(this.#closing.values());
    for (const { reach } of this.#sockets) reach.close();
    forgetApiSocketPath(this.#deps.apiSocketPath, this.#deps.config.dataDir);
  }

  #beginToClose(app: FastifyInstance): void {
    if (!this.#closing.has(app)) this.#closing.set(app, app.close());
  }
}
