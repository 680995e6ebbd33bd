import { attempt } from '../cli-error.ts';
import { expectJson, expectSuccess } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import { readEntity } from '../output/rows.ts';
import type { QualifiedName } from '../values/qualified-name.ts';
import { namedEntity } from './entity-requests.ts';

/** Enables or disables a rule; the answer may be any text. */
export async function setRuleState(
  context: CommandContext,
  name: QualifiedName,
  status: 'active' | 'inactive',
): Promise<void> {
  const verb = status === 'active' ? 'enable' : 'disable';
  await attempt(`Unable to ${verb} rule '${name.entity}'`, async () => {
    const client = await context.client();
    const body = JSON.stringify({ status, trigger: null, action: null });
    expectSuccess(await client.send({ method: 'POST', route: entityRoute('rules', name), body }));
  });
}

async function change(context: CommandContext, status: 'active' | 'inactive'): Promise<number> {
  const { output } = context;
  const name = namedEntity(context, 'rule');
  await setRuleState(context, name, status);
  output.line(ok, ` ${status === 'active' ? 'enabled' : 'disabled'} rule `, bold(name.entity));
  if (output.format !== 'text') output.document(JSON.stringify({ name: name.entity, status }));
  return 0;
}

/** `wsk rule enable`. */
export const enableRule: CommandRunner = (context) => change(context, 'active');

/** `wsk rule disable`. */
export const disableRule: CommandRunner = (context) => change(context, 'inactive');

/** `wsk rule status`. */
export const showRuleStatus: CommandRunner = async (context) => {
  const { output } = context;
  const name = namedEntity(context, 'rule');
  const { status } = await attempt(`Unable to get status of rule '${name.entity}'`, async () => {
    const client = await context.client();
    return readEntity(expectJson(await client.send({ method: 'GET', route: entityRoute('rules', name) })));
  });
  output.line(ok, ' rule ', bold(name.entity), ' is ', bold(status));
  if (output.format !== 'text') output.document(JSON.stringify({ name: name.entity, status }));
  return 0;
};
