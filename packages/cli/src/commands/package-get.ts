import type { CommandRunner } from '../command/description.ts';
import { printPackageSummary } from '../output/summaries.ts';
import { jsonMembers } from '../values/json-text.ts';
import { deleteEntity, entityLister, fetchEntity, namedEntity } from './entity-requests.ts';
import { checkField, showDocument } from './show-field.ts';

const fields = [
  'namespace',
  'name',
  'version',
  'publish',
  'annotations',
  'parameters',
  'binding',
  'actions',
  'feeds',
  'updated',
];

/** `wsk package get`. */
export const getPackage: CommandRunner = async (context) => {
  const { options, output } = context;
  const summary = options.flag('summary');
  const field = summary ? undefined : context.arguments[1];
  checkField(field, fields);
  const name = namedEntity(context, 'package');
  const json = await fetchEntity(context, { noun: 'package', name });
  if (summary && output.format === 'text') printPackageSummary(output, jsonMembers(json));
  else showDocument(output, { what: 'package', name: name.entity, field }, json);
  return 0;
};

/** `wsk package delete`. */
export const deletePackage: CommandRunner = (context) =>
  deleteEntity(context, {
    noun: 'package',
    name: namedEntity(context, 'package'),
    ...(context.options.flag('force') && { force: true }),
  });

/** `wsk package list`. */
export const listPackages: CommandRunner = entityLister({ noun: 'package' });
