import type { EntityName, Identity, KnownRuntimes, SystemLimits } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { ActivationStore } from '../../store/activation-store.ts';
import type { PlatformGateway } from '../../gateway/platform-gateway.ts';
import type { Deliveries } from '../../feeds/webhooks/deliver.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { AttachmentStore } from '../../store/attachment-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { ActionResolver } from '../invocation/action-cache.ts';
import type { PackageCache } from '../packages/package-cache.ts';
import type { PackageWrites } from '../packages/package-writes.ts';
import type { Firing } from '../invocation/firing.ts';
import type { Invoking } from '../invocation/invoking.ts';
import type { RuleWrites } from '../rules/rule-writes.ts';
import type { TriggerWrites } from '../triggers/trigger-writes.ts';

/** Who calls, and who owns a namespace. Values where they are at hand. */
export interface Identities {
  authenticate(
    authorization: string | undefined,
  ): Identity | 'missing' | 'invalid' | Promise<Identity | 'missing' | 'invalid'>;
  /** Undefined for a namespace that nobody has, or whose owner is blocked. */
  identityOf(namespace: string): Identity | undefined | Promise<Identity | undefined>;
}

/** What the server's own pages show. */
export interface Monitoring {
  /** Prometheus' text format. */
  metricsText(): string | Promise<string>;
  /** Invokers by id (`invoker0/…`). */
  invokers(): readonly {
    readonly id: string;
    readonly state: 'up' | 'down' | 'unhealthy' | 'unresponsive';
  }[];
  /** `user:password` of who may disable this controller; undefined: nobody. */
  readonly disabler: string | undefined;
  /** Refuses all new invocations until the next start; what runs goes on. */
  disable(): void;
}

/** What `GET /api/v1` says of this build. */
export interface BuildInfo {
  readonly build: string;
  readonly buildno: string;
}

/** Everything that the routes stand on. */
export interface RouteDeps {
  readonly gateway: PlatformGateway;
  readonly artifacts: ArtifactStore;
  readonly attachments: AttachmentStore;
  readonly activations: ActivationStore;
  /** Resolves the actions of invocations; told of every change. */
  readonly actions: ActionResolver & { invalidate(name: EntityName): void };
  /** Told of every change of a package. */
  readonly packages: Pick<PackageCache, 'get' | 'invalidate'>;
  readonly packageWrites: PackageWrites;
  readonly identities: Identities;
  readonly entitlements: EntitlementChecks;
  readonly invocations: Invoking;
  readonly fires: Firing;
  /** Takes what is sent to webhooks. */
  readonly deliveries: Pick<Deliveries, 'deliver'>;
  readonly triggers: TriggerWrites;
  readonly rules: RuleWrites;
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
  readonly clock: Clock;
  readonly build: BuildInfo;
  readonly monitoring: Monitoring;
}
