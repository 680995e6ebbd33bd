import { parseQualifiedName, type Identity, type JsonObject } from '@vibrissa/protocol';
import type { ArtifactStore } from '../store/artifact-store.ts';
import type { AuthStore } from '../store/auth-store.ts';
import { FeedError } from './feed-error.ts';

const lifecycleEvents = ['CREATE', 'READ', 'UPDATE', 'DELETE', 'PAUSE', 'UNPAUSE'] as const;

const beginnings: ReadonlySet<LifecycleEvent> = new Set(['CREATE', 'UPDATE', 'UNPAUSE']);

/** What clients ask of a feed. */
export type LifecycleEvent = (typeof lifecycleEvents)[number];

/** An invocation of a feed action by somebody who may. */
export interface FeedCall {
  readonly event: LifecycleEvent;
  /** Who owns the trigger, as the key has shown. */
  readonly owner: Identity;
  /** Of all keys of that namespace: who shares it shares its feeds. */
  readonly ownerUuids: readonly string[];
  readonly trigger: { readonly namespace: string; readonly name: string };
  /** All arguments; what the feed's own parameters are, the feed knows. */
  readonly params: JsonObject;
}

/** What the check of a feed's invocation stands on. */
export interface FeedCallDeps {
  readonly auth: Pick<AuthStore, 'findIdentity' | 'subjectsOf'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
}

/** One argument without looking at what the object inherits; `undefined` also for null and the empty text. */
export function argument(params: JsonObject, name: string): JsonObject[string] | undefined {
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  return value === null || value === '' ? undefined : value;
}

function readEvent(params: JsonObject): LifecycleEvent {
  const given = argument(params, 'lifecycleEvent') ?? 'CREATE';
  const event = lifecycleEvents.find((known) => known === given);
  if (event) return event;
  throw new FeedError(`unsupported lifecycleEvent: it must be one of ${lifecycleEvents.join(', ')}.`);
}

function readTrigger(params: JsonObject, ownNamespace: string): FeedCall['trigger'] {
  const given = argument(params, 'triggerName');
  if (given === undefined) throw new FeedError('no trigger name parameter was provided');
  if (typeof given !== 'string') throw new FeedError('triggerName must be a text such as /_/tick.');
  const parsed = parseQualifiedName(given.startsWith('/') ? given : `/_/${given}`, ownNamespace);
  if (!parsed.ok) throw new FeedError(`triggerName is not the name of a trigger: ${parsed.problem}`);
  const { namespace, package: inPackage, name } = parsed.name;
  if (inPackage !== undefined) {
    throw new FeedError('triggerName is not the name of a trigger: triggers are in no package.');
  }
  return { namespace, name };
}

async function readOwner({ auth }: FeedCallDeps, params: JsonObject): Promise<Identity> {
  const given = argument(params, 'authKey');
  if (given === undefined) throw new FeedError('no authKey parameter was provided');
  const cut = typeof given === 'string' ? given.indexOf(':') : -1;
  const owner =
    typeof given === 'string' && cut > 0
      ? await auth.findIdentity(given.slice(0, cut), given.slice(cut + 1))
      : undefined;
  if (owner) return owner;
  throw new FeedError('Trigger authentication request failed. The authKey is not valid.');
}

/**
 * Reads and checks what all feeds are told: the key must be right, and the trigger must lie in its namespace. To begin
 * something for a trigger takes one that exists; one that was deleted can still be asked about. Throws {@link FeedError}.
 */
export async function readFeedCall(deps: FeedCallDeps, params: JsonObject): Promise<FeedCall> {
  const event = readEvent(params);
  const owner = await readOwner(deps, params);
  const ownNamespace = owner.namespace.name;
  const trigger = readTrigger(params, ownNamespace);
  if (trigger.namespace !== ownNamespace) {
    throw new FeedError(
      `Trigger authentication request failed. The authKey is of namespace ${ownNamespace}, and the trigger is not.`,
    );
  }
  if (beginnings.has(event) && !(await deps.artifacts.get('trigger', trigger.namespace, trigger.name))) {
    throw new FeedError(
      `Trigger authentication request failed. There is no trigger /${trigger.namespace}/${trigger.name}.`,
    );
  }
  const subjects = await deps.auth.subjectsOf(ownNamespace);
  const keys = subjects.flatMap(({ namespaces }) => namespaces).filter(({ name }) => name === ownNamespace);
  return { event, owner, ownerUuids: keys.map(({ uuid }) => uuid), trigger, params };
}
