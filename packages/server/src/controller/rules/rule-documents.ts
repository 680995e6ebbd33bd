import { type RuleEntity, type RuleStatus, type TriggerRule } from '@vibrissa/protocol';
import { showName } from '../triggers/trigger-documents.ts';

/** A rule with what its trigger knows of it; without that, it is not active. */
export interface RuleView {
  readonly rule: RuleEntity;
  readonly link: TriggerRule | undefined;
}

/** An item of a list: what the rule itself says, without its status. */
export function ruleSummary(rule: RuleEntity): object {
  const { namespace, name, version, publish, updated, annotations } = rule;
  const [trigger, action] = [showName(rule.trigger), showName(rule.action)];
  return { namespace, name, version, publish, updated, annotations, trigger, action };
}

/** The document of one rule. Where its trigger knows it, the action is the one that the trigger fires. */
export function ruleDocument({ rule, link }: RuleView): object {
  const { namespace, name, version, publish, updated, annotations } = rule;
  const status: RuleStatus = link?.status ?? 'inactive';
  const [trigger, action] = [showName(rule.trigger), showName(link?.action ?? rule.action)];
  return { namespace, name, version, publish, updated, annotations, status, trigger, action };
}
