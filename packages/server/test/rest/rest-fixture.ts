import type { AddressInfo } from 'node:net';

import {
  defaultSystemLimits,
  readManifest,
  type ActivationRecord,
  type NamespaceLimits,
  type RuntimesManifest,
  type SystemLimits,
} from '@vibrissa/protocol';
import { aRecord, FakeJournal, ManualClock, SeededIds } from '@vibrissa/testkit';
import type { FastifyInstance } from 'fastify';
import { noMetrics } from '../../src/base/metrics.ts';
import { noUserEvents } from '../../src/observability/user-events.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { noTrails } from '../../src/base/trail.ts';
import { Authenticator } from '../../src/controller/auth/authenticate.ts';
import { Entitlements } from '../../src/controller/entitlement/check-entitlement.ts';
import { ActionCache } from '../../src/controller/invocation/action-cache.ts';
import { TriggerFires } from '../../src/controller/invocation/fire-trigger.ts';
import type { InvokeRequest } from '../../src/controller/invocation/invoke-action.ts';
import type { InvokeOutcome } from '../../src/controller/invocation/invoke-outcome.ts';
import { registerRoutes } from '../../src/controller/routes/register-routes.ts';
import { PackageCache } from '../../src/controller/packages/package-cache.ts';
import { CodeReads } from '../../src/controller/actions/code-reads.ts';
import { PackageWrites } from '../../src/controller/packages/package-writes.ts';
import type { RouteDeps } from '../../src/controller/routes/register-routes.ts';
import { RuleWrites } from '../../src/controller/rules/rule-writes.ts';
import { TriggerWrites } from '../../src/controller/triggers/trigger-writes.ts';
import { openGateway } from '../../src/gateway/platform-gateway.ts';
import { Deliveries } from '../../src/feeds/webhooks/deliver.ts';
import { Webhooks } from '../../src/feeds/webhooks/webhooks.ts';
import { createServer } from '../../src/http/create-server.ts';
import type { Trust } from '../../src/http/trusted-peer.ts';
import { noParameterLocks } from '../../src/parameters/parameter-locks.ts';
import { MemoryActivationStore } from '../../src/store/memory/memory-activation-store.ts';
import { MemoryArtifactStore } from '../../src/store/memory/memory-artifact-store.ts';
import { MemoryAttachmentStore } from '../../src/store/memory/memory-attachment-store.ts';
import { MemoryAuthStore } from '../../src/store/memory/memory-auth-store.ts';
import { defaultInvokerConfig } from '../../src/invoker/invoker-config.ts';
import { KeptRecords } from '../../src/store/kept-records.ts';
import { SwaggerCheck } from './check-against-swagger.ts';

export const guest = {
  uuid: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502',
  key: 'g'.repeat(64),
};
export const stranger = {
  uuid: '789c46b1-71f6-4ed5-8c54-816aa4f8c502',
  key: 's'.repeat(64),
};

export const manifest: RuntimesManifest = {
  runtimes: {
    nodejs: [
      {
        kind: 'nodejs:20',
        default: true,
        image: { prefix: 'openwhisk', name: 'action-nodejs-v20', tag: 'nightly' },
        attached: { attachmentName: 'codefile', attachmentType: 'text/plain' },
      },
      { kind: 'nodejs:18', image: { name: 'action-nodejs-v18' } },
      { kind: 'nodejs:16', deprecated: true, image: { name: 'action-nodejs-v16' } },
    ],
    python: [{ kind: 'python:3.11', image: { name: 'action-python-v3.11' } }],
    java: [{ kind: 'java:8', requireMain: true, image: { name: 'java8action' } }],
  },
};

/** Stands for the invocation part: says what it was asked and answers as told. */
export class ScriptedInvocations {
  readonly requests: InvokeRequest[] = [];
  outcome: InvokeOutcome | ((request: InvokeRequest) => InvokeOutcome) = {
    outcome: 'accepted',
    activationId: 'a'.repeat(32),
  };

  async invoke(_context: unknown, request: InvokeRequest): Promise<InvokeOutcome> {
    this.requests.push(request);
    return typeof this.outcome === 'function' ? this.outcome(request) : this.outcome;
  }

  inFlight(): readonly (readonly [string, string])[] {
    return [['b'.repeat(32), 'guest/hello']];
  }

  finishWith(over: Partial<ActivationRecord>): ActivationRecord {
    const record = aRecord(over);
    this.outcome = { outcome: 'finished', activationId: record.activationId, record };
    return record;
  }
}

export interface CallOptions {
  /** A document, or a text as it stands. */
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly as?: { readonly uuid: string; readonly key: string } | 'nobody';
  /** Check the answer against the OpenAPI document only. */
  readonly wide?: boolean;
  /** Don't check the answer: it is no JSON. */
  readonly unchecked?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed. */
  readonly json: unknown;
}

export interface RestFixture {
  readonly server: FastifyInstance;
  readonly port: number;
  readonly deps: RouteDeps;
  readonly clock: ManualClock;
  readonly artifacts: MemoryArtifactStore;
  readonly attachments: MemoryAttachmentStore;
  readonly activations: MemoryActivationStore;
  readonly auth: MemoryAuthStore;
  readonly invocations: ScriptedInvocations;
  /** Takes the records of triggers. */
  readonly journal: FakeJournal;
  readonly swagger: SwaggerCheck;
  /** Sends a request below `/api/v1/namespaces` (or to an absolute path) and checks the answer against the documents. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  limit(namespace: string, limits: NamespaceLimits): Promise<void>;
  close(): Promise<void>;
}

function basic({ uuid, key }: { uuid: string; key: string }): string {
  return `Basic ${Buffer.from(`${uuid}:${key}`).toString('base64')}`;
}

/** A real listener on a free port, with everything behind the routes in memory. */
export async function openRest(
  options: {
    limits?: Partial<SystemLimits>;
    trust?: Trust;
    overrides?: Partial<RouteDeps>;
    vanityDomain?: string;
    extraLoggingFor?: readonly string[];
  } = {},
): Promise<RestFixture> {
  const clock = new ManualClock();
  const artifacts = new MemoryArtifactStore();
  const attachments = new MemoryAttachmentStore();
  const activations = new MemoryActivationStore();
  const auth = new MemoryAuthStore();
  const invocations = new ScriptedInvocations();
  const limits = { ...defaultSystemLimits, invokesPerMinute: 100_000, ...options.limits };
  for (const [name, key] of [
    ['guest', guest],
    ['stranger', stranger],
  ] as const) {
    await auth.putSubject({ subject: `${name}-subject`, blocked: false, namespaces: [{ name, ...key }] });
  }
  const authenticator = Authenticator.open({ auth, clock, metrics: noMetrics });
  const read = readManifest(manifest);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const packages = PackageCache.open({ artifacts });
  const actions = ActionCache.open({ artifacts, packages });
  const entitlements = Entitlements.open({
    limits,
    clock,
    metrics: noMetrics,
    events: noUserEvents,
    packages,
    inFlightOf: () => 0,
  });
  const journal = new FakeJournal();
  const fires = TriggerFires.open({
    artifacts,
    actions,
    entitlements,
    invocations,
    records: KeptRecords.open({ journal, events: noUserEvents, levels: defaultInvokerConfig }),
    clock,
    ids: new SeededIds(2),
    limits,
    runtimes: read.runtimes,
  });
  const triggers = TriggerWrites.open({ artifacts, clock });
  const gateway = openGateway({
    artifacts,
    clock,
    ids: new SeededIds(),
    logger: silentLogger,
    publicUrl: (host) => `http://${host ?? 'nowhere'}`,
  });
  const deps: RouteDeps = {
    gateway,
    deliveries: Deliveries.open({
      webhooks: Webhooks.open({ artifacts, clock, logger: silentLogger }),
      auth,
      fires,
      clock,
      metrics: noMetrics,
    }),
    identities: authenticator,
    artifacts,
    attachments,
    codeReads: CodeReads.open(attachments),
    activations,
    actions,
    packages,
    packageWrites: PackageWrites.open(),
    parameterLocks: noParameterLocks,
    entitlements,
    invocations,
    fires,
    triggers,
    rules: RuleWrites.open({ artifacts, actions, triggers, clock }),
    limits,
    runtimes: read.runtimes,
    clock,
    build: { build: '2026-01-01', buildno: '7' },
    monitoring: {
      metricsText: () => '# HELP x y\nx 1\n',
      invokers: () => [
        { id: 'invoker0', state: 'up' },
        { id: 'invoker1', state: 'unhealthy' },
      ],
      disabler: undefined,
      disable: () => {},
    },
    ...options.overrides,
  };
  const server = createServer({
    routes: registerRoutes(deps, ['api', 'monitoring']),
    trust: options.trust ?? 'loopback-peers',
    authentication: authenticator,
    vanityDomain: options.vanityDomain,
    clock,
    ids: new SeededIds(),
    logger: silentLogger,
    trails: noTrails,
    extraLoggingFor: options.extraLoggingFor,
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const documents = await Promise.all(
    ['api-docs', 'openapi.json'].map(async (name) => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${name}`);
      return response.text();
    }),
  );
  const swagger = new SwaggerCheck(documents[0] as string, documents[1] as string);

  const call = async (method: string, path: string, wish: CallOptions = {}): Promise<Reply> => {
    const url = path.startsWith('/') ? path : `/api/v1/namespaces/${path}`;
    const who = wish.as ?? guest;
    const text = wish.text ?? (wish.body === undefined ? undefined : JSON.stringify(wish.body));
    const response = await fetch(`http://127.0.0.1:${port}${url}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(who === 'nobody' ? {} : { authorization: basic(who) }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...wish.headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const body = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    if (wish.unchecked !== true)
      swagger.check({ method, url, status: response.status, contentType, body }, wish.wide);
    return {
      status: response.status,
      headers: response.headers,
      text: body,
      json: contentType === 'application/json' && body !== '' ? (JSON.parse(body) as unknown) : undefined,
    };
  };
  return {
    server,
    port,
    deps,
    clock,
    artifacts,
    attachments,
    activations,
    auth,
    invocations,
    journal,
    swagger,
    call,
    limit: async (namespace, own) => {
      await auth.putLimits(namespace, own);
      authenticator.invalidate();
    },
    close: () => server.close(),
  };
}
