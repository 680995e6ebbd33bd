import { attempt } from '../cli-error.ts';
import { fetchActivations } from '../client/fetch-activations.ts';
import type { CommandRunner } from '../command/description.ts';
import { bold } from '../output/output.ts';
import { activationTable, readActivation } from '../output/rows.ts';
import { parseNamespaceOrName } from '../values/qualified-name.ts';

/** `wsk activation list`. */
export const listActivations: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const { namespace, entity } = parseNamespaceOrName(context.arguments[0], settings.namespace);
  const full = options.flag('full');
  const what = `Unable to obtain the list of activations for namespace '${namespace}'`;
  const activations = await attempt(what, async () =>
    fetchActivations(await context.client(), {
      namespace,
      name: entity,
      limit: options.integer('limit') ?? 0,
      skip: options.integer('skip') ?? 0,
      since: options.integer('since') || undefined,
      upto: options.integer('upto') || undefined,
      docs: full || undefined,
    }),
  );
  if (output.format !== 'text') output.documents(activations);
  else if (full || activations.length === 0) {
    output.line(bold('activations'));
    for (const activation of activations) output.document(activation);
  } else {
    const [header = '', ...rows] = activationTable(activations.map(readActivation), output.columns);
    output.line(bold(header));
    for (const row of rows) output.line(row);
  }
  return 0;
};
