import { entityPath, type EntityName, type TriggerEntity } from '@vibrissa/protocol';

/** `{path, name}`: how documents refer to an entity. */
export function showName(name: EntityName): object {
  return { path: entityPath(name), name: name.name };
}

function showRules(rules: TriggerEntity['rules']): object {
  const show = ({ action, status }: TriggerEntity['rules'][string]) => ({
    action: showName(action),
    status,
  });
  return Object.fromEntries(Object.entries(rules).map(([rule, link]) => [rule, show(link)]));
}

/** The document of one trigger. Its rules are shown when it has some; it has no limits, and never had. */
export function triggerDocument(trigger: TriggerEntity): object {
  const { namespace, name, version, publish, updated, parameters, annotations, rules } = trigger;
  const hasRules = Object.keys(rules).length > 0;
  return {
    namespace,
    name,
    version,
    publish,
    updated,
    parameters,
    limits: {},
    annotations,
    ...(hasRules ? { rules: showRules(rules) } : {}),
  };
}

/** An item of a list. */
export function triggerSummary(trigger: TriggerEntity): object {
  const { namespace, name, version, publish, annotations, updated } = trigger;
  return { namespace, name, version, publish, annotations, updated };
}
