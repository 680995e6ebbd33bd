import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import { parseEntityName } from '../values/entity-name.ts';
import { jsonObject, keyValueJson } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { namedEntity, putEntity } from './entity-requests.ts';

function fullName({ namespace, entity }: QualifiedName): string {
  return `/${namespace}/${entity}`;
}

async function put(context: CommandContext, verb: 'create' | 'update'): Promise<number> {
  const { options, output, settings } = context;
  const name = namedEntity(context, 'rule');
  const [, trigger = '', action = ''] = context.arguments;
  const annotations = options.entries('annotation');
  const body = jsonObject([
    ['name', JSON.stringify(name.entity)],
    // The platform keeps the status that the rule has; a new rule is active.
    ['status', '""'],
    ['trigger', JSON.stringify(fullName(parseEntityName(trigger, 'trigger', settings.namespace)))],
    ['action', JSON.stringify(fullName(parseQualifiedName(action, settings.namespace)))],
    ['annotations', annotations && keyValueJson(annotations)],
  ]);
  const text = await putEntity(context, { noun: 'rule', name, verb, body });
  output.line(ok, ` ${verb}d rule `, bold(name.entity));
  if (output.format !== 'text') output.document(text);
  return 0;
}

/** `wsk rule create`. */
export const createRule: CommandRunner = (context) => put(context, 'create');

/** `wsk rule update`. */
export const updateRule: CommandRunner = (context) => put(context, 'update');
