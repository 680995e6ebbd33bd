import {
  entityPath,
  errorTexts,
  qualifiedName,
  type EntityName,
  type RuleEntity,
  type RuleStatus,
  type TriggerEntity,
  type TriggerRule,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { RequestError } from '../../http/request-error.ts';
import type { ArtifactStore, Stored } from '../../store/artifact-store.ts';
import { commonOfNew, commonOfUpdate } from '../entities/merge-put.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import { Turns } from '../entities/turns.ts';
import type { ActionResolver } from '../invocation/action-cache.ts';
import type { TriggerWrites } from '../triggers/trigger-writes.ts';
import type { RuleView } from './rule-documents.ts';
import type { RulePut } from './rule-put.ts';

interface RuleWritesDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'typeOf' | 'put' | 'delete'>;
  readonly triggers: Pick<TriggerWrites, 'changeRules'>;
  readonly actions: ActionResolver;
  readonly clock: Pick<Clock, 'now'>;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** Of one trigger: each change of a rule writes them all, and each fire runs them all. */
const MAX_RULES = 1000;

type Links = TriggerEntity['rules'];

function keyOf({ namespace, name }: Place): string {
  return `${namespace}/${name}`;
}

function without(links: Links, key: string): Links {
  if (!Object.hasOwn(links, key)) return links;
  return Object.fromEntries(Object.entries(links).filter(([rule]) => rule !== key));
}

function linkOf(trigger: TriggerEntity | undefined, key: string): TriggerRule | undefined {
  return trigger?.rules[key];
}

/** Throws 400 when the trigger has as many rules as it may, and this is not among them. */
function requireRoom(links: Links, key: string): void {
  if (Object.hasOwn(links, key) || Object.keys(links).length < MAX_RULES) return;
  throw new RequestError(400, errorTexts.tooManyRules(MAX_RULES));
}

function isSame(one: EntityName, other: EntityName): boolean {
  return qualifiedName(one) === qualifiedName(other);
}

/**
 * Everything that writes a rule. A rule is two documents, its own and its link in its trigger, and what a trigger fires are
 * its links. They are written in such an order that a crash between leaves no link that nobody can see: at worst the rule is
 * there and inactive, or only the list names its former action. The same request sent again mends the documents; a rule that
 * was left inactive is enabled (docs/adr/0014).
 *
 * | request | first | then | last |
 * |---|---|---|---|
 * | create | rule | link | |
 * | update | link | rule | |
 * | move to another trigger | old link away | rule | new link |
 * | delete | link away | rule away | |
 */
export class RuleWrites {
  readonly #deps: RuleWritesDeps;
  readonly #turns = new Turns();

  private constructor(deps: RuleWritesDeps) {
    this.#deps = deps;
  }

  static open(deps: RuleWritesDeps): RuleWrites {
    return new RuleWrites(deps);
  }

  /** Throws 404, and 409 when the name is that of something else. */
  async get(place: Place): Promise<RuleView> {
    const { rule, trigger } = await this.#read(place);
    return { rule: rule.entity, link: linkOf(trigger, keyOf(place)) };
  }

  /**
   * Creates or updates. Throws 400 (trigger or action missing or not there) and 409 (it exists, something else has that name,
   * another process was first).
   */
  put(place: Place, put: RulePut, overwrite: boolean): Promise<RuleView> {
    return this.#turns.alone(keyOf(place), async () => {
      const existing = await this.#deps.artifacts.get('rule', place.namespace, place.name);
      if (existing !== undefined) {
        if (!overwrite) throw new RequestError(409, errorTexts.alreadyExists);
        return this.#update(existing, put);
      }
      if ((await this.#deps.artifacts.typeOf(place.namespace, place.name)) !== undefined) {
        throw new RequestError(409, errorTexts.notInCollection);
      }
      return this.#create(place, put);
    });
  }

  /** Deletes it in whatever state it is. Throws 404 and 409. */
  delete(place: Place): Promise<RuleView> {
    const key = keyOf(place);
    return this.#turns.alone(key, async () => {
      const { rule } = await this.#read(place);
      await this.#deps.triggers.changeRules(rule.entity.trigger, (links) => without(links, key));
      const { outcome } = await this.#deps.artifacts.delete(rule.entity, rule.revision);
      if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
      return { rule: rule.entity, link: undefined };
    });
  }

  /** Throws 404, also when a rule shall be active whose trigger is gone. */
  setStatus(place: Place, status: RuleStatus): Promise<void> {
    const key = keyOf(place);
    return this.#turns.alone(key, async () => {
      const { rule } = await this.#read(place);
      const change = (links: Links): Links => {
        const link = links[key];
        if ((link?.status ?? 'inactive') === status) return links;
        requireRoom(links, key);
        return { ...links, [key]: { action: link?.action ?? rule.entity.action, status } };
      };
      const trigger = await this.#deps.triggers.changeRules(rule.entity.trigger, change);
      if (trigger === undefined && status === 'active') {
        throw new RequestError(404, errorTexts.ruleTriggerGone);
      }
    });
  }

  async #create(place: Place, put: RulePut): Promise<RuleView> {
    const { trigger, action } = put;
    if (trigger === undefined || action === undefined) throw new RequestError(400, errorTexts.ruleIncomplete);
    await this.#mustExist(keyOf(place), trigger, action);
    const rule: RuleEntity = {
      entityType: 'rule',
      namespace: place.namespace,
      name: place.name,
      ...commonOfNew(put, this.#deps.clock.now()),
      trigger,
      action,
    };
    await this.#store(rule, undefined);
    return this.#link(rule, () => 'active');
  }

  async #update({ entity: old, revision }: Stored<RuleEntity>, put: RulePut): Promise<RuleView> {
    const key = keyOf(old);
    const before = linkOf(await this.#triggerOf(old), key);
    const rule: RuleEntity = {
      ...old,
      ...commonOfUpdate(old, put, this.#deps.clock.now()),
      trigger: put.trigger ?? old.trigger,
      action: put.action ?? before?.action ?? old.action,
    };
    await this.#mustExist(key, rule.trigger, rule.action);
    if (isSame(rule.trigger, old.trigger)) {
      const view = await this.#link(rule, (link) => link?.status ?? 'inactive');
      await this.#store(rule, revision);
      return view;
    }
    await this.#deps.triggers.changeRules(old.trigger, (links) => without(links, key));
    await this.#store(rule, revision);
    return this.#link(rule, () => before?.status ?? 'inactive');
  }

  /** Tells the trigger of the rule. A trigger that was deleted meanwhile leaves it inactive, as it does all its rules. */
  async #link(rule: RuleEntity, statusOf: (link: TriggerRule | undefined) => RuleStatus): Promise<RuleView> {
    const key = keyOf(rule);
    const trigger = await this.#deps.triggers.changeRules(rule.trigger, (links) => {
      const old = links[key];
      const link = { action: rule.action, status: statusOf(old) };
      const stays = old !== undefined && old.status === link.status && isSame(old.action, link.action);
      return stays ? links : { ...links, [key]: link };
    });
    return { rule, link: linkOf(trigger, key) };
  }

  async #mustExist(rule: string, trigger: EntityName, action: EntityName): Promise<void> {
    const { artifacts, actions } = this.#deps;
    const [foundTrigger, foundAction] = await Promise.all([
      artifacts.get('trigger', entityPath(trigger), trigger.name),
      actions.resolve(action),
    ]);
    const refuse = (what: 'trigger' | 'action', name: EntityName): never => {
      throw new RequestError(400, errorTexts.ruleOfNothing(what, qualifiedName(name)));
    };
    if (foundTrigger === undefined) refuse('trigger', trigger);
    if (foundAction === undefined) refuse('action', action);
    if (foundTrigger !== undefined) requireRoom(foundTrigger.entity.rules, rule);
  }

  #triggerOf(rule: RuleEntity): Promise<TriggerEntity | undefined> {
    const { trigger } = rule;
    return this.#deps.artifacts
      .get('trigger', entityPath(trigger), trigger.name)
      .then((found) => found?.entity);
  }

  async #read(place: Place): Promise<{
    readonly rule: Stored<RuleEntity>;
    readonly trigger: TriggerEntity | undefined;
  }> {
    const rule = await this.#deps.artifacts.get('rule', place.namespace, place.name);
    if (rule === undefined) throw await missingEntity(this.#deps.artifacts, place);
    return { rule, trigger: await this.#triggerOf(rule.entity) };
  }

  async #store(entity: RuleEntity, basedOn: string | undefined): Promise<void> {
    const { outcome } = await this.#deps.artifacts.put(entity, basedOn);
    if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
  }
}
