import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ActionEntity, ActivationMessage, EntityName } from '@vibrissa/protocol';
import type { ArtifactStore, Stored } from '../store/artifact-store.ts';
import { prewarmKey } from './pool/free-containers.ts';

/** An action as the invoker keeps it: with everything that does not change from one activation to the next. */
export interface RunnableAction {
  readonly entity: ActionEntity;
  readonly revision: string;
  /** `ns[/pkg]/name`. */
  readonly path: string;
  /** Digest of all that shapes a container: equal definitions may share warm ones, whatever their revision. */
  readonly definition: string;
  readonly prewarmKey: string;
  /** The annotation `provide-api-key` is truthy or absent. */
  readonly providesApiKey: boolean;
  /** The annotation `internet` is true. */
  readonly needsInternet: boolean;
}

export type Resolved =
  | { readonly outcome: 'found'; readonly action: RunnableAction }
  /** Deleted since it was invoked. */
  | { readonly outcome: 'gone' }
  /** Now something that an invoker can't run. */
  | { readonly outcome: 'incompatible' }
  /** The store failed. */
  | { readonly outcome: 'unreadable'; readonly cause: unknown };

const CACHED_ACTIONS = 10_000;

/** `ns[/pkg]/name` of an action. */
export function actionPath(name: EntityName): string {
  return name.package === undefined
    ? `${name.namespace}/${name.name}`
    : `${name.namespace}/${name.package}/${name.name}`;
}

/** As OpenWhisk's conductor and API key annotations are read: false, null, 0 and empty values don't count. */
function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Prepares an action for running. */
export function prepareAction({ entity, revision }: Stored<ActionEntity>): RunnableAction {
  const { exec, limits, annotations, parameters, namespace, name, version } = entity;
  const apiKey = annotations.find((annotation) => annotation.key === 'provide-api-key');
  const shape = [namespace, name, version, exec, limits, annotations, parameters];
  return {
    entity,
    revision,
    path: `${namespace}/${name}`,
    definition: hash('sha256', JSON.stringify(shape)),
    prewarmKey: prewarmKey(exec.kind, limits.memory),
    providesApiKey: apiKey === undefined || isTruthy(apiKey.value),
    needsInternet: annotations.some(({ key, value }) => key === 'internet' && value === true),
  };
}

/**
 * Finds the action of a message, once for each revision. What was resolved when the activation was asked for is what
 * runs, as long as it is known; where the action has changed before this invoker saw it, its newest version runs.
 */
export class ActionResolver {
  readonly #artifacts: ArtifactStore;
  readonly #known = new LRUCache<string, RunnableAction>({ max: CACHED_ACTIONS });

  private constructor(artifacts: ArtifactStore) {
    this.#artifacts = artifacts;
  }

  static open(artifacts: ArtifactStore): ActionResolver {
    return new ActionResolver(artifacts);
  }

  /** The action of a message that was seen before; the common case, without a promise. */
  known(message: ActivationMessage): RunnableAction | undefined {
    return this.#known.get(`${actionPath(message.action)}@${message.revision}`);
  }

  /** Fetches the action from the store. */
  async fetch(message: ActivationMessage): Promise<Resolved> {
    const { namespace, package: pkg, name } = message.action;
    const path = pkg === undefined ? namespace : `${namespace}/${pkg}`;
    try {
      const stored = await this.#artifacts.get('action', path, name);
      if (!stored) return { outcome: (await this.#artifacts.typeOf(path, name)) ? 'incompatible' : 'gone' };
      if (stored.entity.entityType !== 'action' || stored.entity.exec.kind === 'sequence') {
        return { outcome: 'incompatible' };
      }
      const action = prepareAction(stored);
      this.#known.set(`${actionPath(message.action)}@${stored.revision}`, action);
      return { outcome: 'found', action };
    } catch (cause) {
      return { outcome: 'unreadable', cause };
    }
  }
}
