import { attempt, CliError } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { collectionRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import { bold } from '../output/output.ts';
import { jsonElements, jsonMembers } from '../values/json-text.ts';
import { parseNamespace } from '../values/entity-name.ts';

const changes = [
  ['added', 'created'],
  ['updated', 'updated'],
  ['deleted', 'deleted'],
] as const;

function printChanges({ output }: CommandContext, members: ReadonlyMap<string, string>): void {
  for (const [member, verb] of changes) {
    const names = jsonElements(members.get(member) ?? '[]');
    output.line(names.length === 0 ? `no bindings ${verb}` : `${verb} bindings:`);
    for (const name of names) output.line(bold(name.startsWith('"') ? String(JSON.parse(name)) : name));
  }
}

const NOT_IMPLEMENTED = 501;
/** A platform without this route takes `refresh` for the name of a package, and refuses the method or the name. */
const statusesWithoutIt = [404, 405, NOT_IMPLEMENTED];

/** `wsk package refresh`. */
export const refreshPackages: CommandRunner = async (context) => {
  const { output, settings } = context;
  const namespace = parseNamespace(context.arguments[0], settings.namespace);
  const json = await attempt(`Unable to refresh packages in namespace '${namespace}'`, async () => {
    const client = await context.client();
    const route = `${collectionRoute(namespace, 'packages')}/refresh`;
    const reply = await client.send({ method: 'POST', route });
    return statusesWithoutIt.includes(reply.status) ? undefined : expectJson(reply);
  });
  if (json === undefined) {
    throw new CliError('The package refresh feature is not implemented in the target deployment', {
      exitCode: exitCodeOfStatus(NOT_IMPLEMENTED),
    });
  }
  output.line('');
  output.line(bold(namespace), ' refreshed successfully');
  if (output.format === 'text') printChanges(context, jsonMembers(json));
  else output.document(json);
  return 0;
};
