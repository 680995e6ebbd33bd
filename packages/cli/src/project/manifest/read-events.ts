import { createHash } from 'node:crypto';
import { jsonObject } from '../../values/json-text.ts';
import { FEED_DIGEST, type Entity } from '../entity.ts';
import type { Fields } from '../source/fields.ts';
import { prefixed } from './read-action.ts';
import { readAnnotations } from './read-annotations.ts';
import { readValues, type GivenParameters } from './read-inputs.ts';
import { fullName } from './names.ts';

const triggerKeys = ['feed', 'source', 'inputs', 'annotations', 'description', 'namespace', 'credential'];
const ruleKeys = ['trigger', 'action', 'rule', 'annotations', 'description', 'status'];

/** Tells whether a feed was told the same before; short, because it says nothing else. */
function digestOf(inputs: ReadonlyMap<string, string>): string {
  const sorted = [...inputs].sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(jsonObject(sorted)).digest('hex').slice(0, 16);
}

/** A trigger; with a feed, its inputs are for the feed. */
export function readTrigger(
  trigger: Fields,
  name: string,
  given: { readonly packageName: string; readonly parameters: GivenParameters },
): Entity {
  trigger.check(triggerKeys);
  const key = trigger.get('feed') ? 'feed' : 'source';
  const written = trigger.text(key);
  const inputs = readValues(trigger, given.parameters);
  const annotations = readAnnotations(trigger);
  const common = { collection: 'triggers', name } as const;
  if (written === undefined) {
    return {
      ...common,
      fields: new Map([...prefixed('parameters', inputs), ...prefixed('annotations', annotations)]),
    };
  }
  const action = fullName(written, given.packageName);
  if (action === undefined)
    trigger.problem(
      `'${written}' is no name of a feed; it looks like /whisk.system/alarms/alarm`,
      trigger.get(key)?.at,
    );
  annotations.set('feed', JSON.stringify(action ?? written));
  const fields = new Map(prefixed('annotations', annotations));
  // Without inputs a feed that is set up stays as it is.
  if (trigger.get('inputs')) fields.set(FEED_DIGEST, JSON.stringify(digestOf(inputs)));
  return { ...common, fields, feed: { action: action ?? written, inputs } };
}

/** A rule; an action without a package is one of the package in which the rule stands. */
export function readRule(rule: Fields, name: string, packageName: string): Entity {
  rule.check(ruleKeys);
  const trigger = rule.text('trigger');
  const action = rule.text('action');
  const status = rule.text('status');
  if (trigger === undefined) rule.problem("a rule needs its 'trigger'");
  if (action === undefined) rule.problem("a rule needs its 'action'");
  if (status !== undefined && status !== 'active' && status !== 'inactive') {
    rule.problem(`'status' must be active or inactive, and is '${status}'`, rule.get('status')?.at);
  }
  const triggerName = trigger === undefined ? undefined : fullName(trigger, 'default');
  const actionName = action === undefined ? undefined : fullName(action, packageName);
  if (trigger !== undefined && triggerName === undefined)
    rule.problem(`'${trigger}' is no name of a trigger`, rule.get('trigger')?.at);
  if (action !== undefined && actionName === undefined)
    rule.problem(`'${action}' is no name of an action`, rule.get('action')?.at);
  const fields: [string, string][] = [
    ['trigger', JSON.stringify(triggerName ?? '')],
    ['action', JSON.stringify(actionName ?? '')],
    ...prefixed('annotations', readAnnotations(rule)),
  ];
  if (status !== undefined) fields.push(['status', JSON.stringify(status)]);
  return { collection: 'rules', name, fields: new Map(fields) };
}
