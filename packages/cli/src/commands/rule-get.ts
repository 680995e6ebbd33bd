import { expectJson } from '../client/read-reply.ts';
import { entityRoute, type WhiskClient } from '../client/whisk-client.ts';
import type { CommandRunner } from '../command/description.ts';
import { readEntity } from '../output/rows.ts';
import { printRuleSummary } from '../output/summaries.ts';
import { jsonMembers, jsonObject } from '../values/json-text.ts';
import { deleteEntity, entityLister, fetchEntity, namedEntity } from './entity-requests.ts';
import { setRuleState } from './rule-state.ts';
import { checkField, showDocument } from './show-field.ts';

const fields = [
  'namespace',
  'name',
  'version',
  'status',
  'trigger',
  'action',
  'annotations',
  'publish',
  'updated',
];

/** A list of rules has no statuses: each rule is asked for its own. One that is gone meanwhile has none. */
export async function withRuleStatus(client: WhiskClient, namespace: string, rule: string): Promise<string> {
  const { name } = readEntity(rule);
  const route = entityRoute('rules', { namespace, entity: name });
  const reply = await client.send({ method: 'GET', route });
  if (reply.status === 404) return rule;
  const status = jsonMembers(expectJson(reply)).get('status');
  return jsonObject(new Map([...jsonMembers(rule), ['status', status]]));
}

/** `wsk rule get`. */
export const getRule: CommandRunner = async (context) => {
  const { options, output } = context;
  const summary = options.flag('summary');
  const field = summary ? undefined : context.arguments[1];
  checkField(field, fields);
  const name = namedEntity(context, 'rule');
  const json = await fetchEntity(context, { noun: 'rule', name });
  if (summary && output.format === 'text') printRuleSummary(output, readEntity(json));
  else showDocument(output, { what: 'rule', name: name.entity, field }, json);
  return 0;
};

/** `wsk rule delete`. */
export const deleteRule: CommandRunner = async (context) => {
  const name = namedEntity(context, 'rule');
  if (context.options.flag('disable')) await setRuleState(context, name, 'inactive');
  return deleteEntity(context, { noun: 'rule', name });
};

/** `wsk rule list`. */
export const listRules: CommandRunner = entityLister({
  noun: 'rule',
  complete: withRuleStatus,
});
