import { CliError } from '../cli-error.ts';
import { callFeed, feedOf } from '../client/call-feed.ts';
import type { CommandRunner } from '../command/description.ts';
import { printSummary } from '../output/summaries.ts';
import { jsonMembers } from '../values/json-text.ts';
import { deleteEntity, entityLister, fetchEntity, namedEntity } from './entity-requests.ts';
import { printFeedReply } from './print-feed-reply.ts';
import { checkField, showDocument } from './show-field.ts';

const fields = [
  'namespace',
  'name',
  'version',
  'annotations',
  'parameters',
  'limits',
  'rules',
  'publish',
  'updated',
];

/** `wsk trigger get`. */
export const getTrigger: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const summary = options.flag('summary');
  const field = summary ? undefined : context.arguments[1];
  checkField(field, fields);
  const name = namedEntity(context, 'trigger');
  const json = await fetchEntity(context, { noun: 'trigger', name });
  const feed = feedOf(json, settings.namespace);
  if (summary && output.format === 'text') printSummary(output, 'trigger', jsonMembers(json));
  else if (feed !== undefined && field === undefined && !summary) {
    const reply = await callFeed(context, { feed, trigger: name, event: 'READ' });
    printFeedReply(context, feed, reply);
    if (output.format !== 'text') output.document(reply.text);
  } else showDocument(output, { what: 'trigger', name: name.entity, field }, json);
  return 0;
};

/** `wsk trigger delete`. A feed that cannot be told keeps no trigger alive. */
export const deleteTrigger: CommandRunner = async (context) => {
  const { output, settings } = context;
  const name = namedEntity(context, 'trigger');
  const document = await fetchEntity(context, { noun: 'trigger', name, verb: 'delete' });
  const feed = feedOf(document, settings.namespace);
  if (feed !== undefined) {
    try {
      const reply = await callFeed(context, { feed, trigger: name, event: 'DELETE' });
      printFeedReply(context, feed, reply);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      output.note(`warning: the feed was not told: ${error.message}`);
    }
  }
  return deleteEntity(context, { noun: 'trigger', name });
};

/** `wsk trigger list`. */
export const listTriggers: CommandRunner = entityLister({ noun: 'trigger' });
