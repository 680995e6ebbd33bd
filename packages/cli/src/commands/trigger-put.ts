import { attempt, CliError } from '../cli-error.ts';
import { callFeed, feedOf, type FeedEvent } from '../client/call-feed.ts';
import { expectJson } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import type { Entries, ParsedOptions } from '../command/parsed-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { bold, ok } from '../output/output.ts';
import { jsonObject, keyValueJson } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { namedEntity, putEntity } from './entity-requests.ts';
import { printFeedReply } from './print-feed-reply.ts';

/** Which parameters go to the feed, and which are kept with the trigger. */
interface DividedParameters {
  readonly forFeed: Entries | undefined;
  readonly forTrigger: Entries | undefined;
}

function wrongUse(message: string): CliError {
  return new CliError(`Incorrect usage. ${message}`, { exitCode: exitCodes.notAllowed });
}

function divide(options: ParsedOptions, hasFeed: boolean): DividedParameters {
  const [plain, feed, trigger] = (['param', 'feed-param', 'trigger-param'] as const).map((name) =>
    options.entries(name),
  );
  if (plain && (feed ?? trigger)) {
    throw wrongUse(
      'Cannot combine --feed-param or --trigger-param flag with neither --param nor --param-file flag',
    );
  }
  if (feed && !hasFeed) throw wrongUse('Trigger without a feed cannot have feed parameters');
  if (hasFeed) return { forFeed: plain ?? feed, forTrigger: trigger };
  return { forFeed: undefined, forTrigger: plain ?? trigger };
}

/** A trigger to be sent, and its feed to be told of it. */
interface TriggerWrite {
  readonly name: QualifiedName;
  readonly verb: 'create' | 'update';
  readonly feed: QualifiedName | undefined;
  readonly annotations: Entries | undefined;
}

async function put(context: CommandContext, write: TriggerWrite): Promise<number> {
  const { name, verb, feed, annotations } = write;
  const { output, options } = context;
  const { forFeed, forTrigger } = divide(options, feed !== undefined);
  const body = jsonObject([
    ['name', JSON.stringify(name.entity)],
    ['annotations', annotations && keyValueJson(annotations)],
    ['parameters', forTrigger && keyValueJson(forTrigger)],
  ]);
  const text = await putEntity(context, { noun: 'trigger', name, verb, body });
  if (feed !== undefined) {
    const event: FeedEvent = verb === 'create' ? 'CREATE' : 'UPDATE';
    const reply = await attempt(`Unable to ${verb} trigger '${name.entity}'`, async () =>
      callFeed(context, { feed, trigger: name, event, parameters: forFeed }).catch((error: unknown) =>
        verb === 'create' ? takeBack(context, name, error) : Promise.reject(error),
      ),
    );
    printFeedReply(context, feed, reply);
  }
  output.line(ok, ` ${verb}d trigger `, bold(name.entity));
  if (output.format !== 'text') output.document(text);
  return 0;
}

/** Deletes a trigger that its feed refused, and passes on why it did. */
async function takeBack(context: CommandContext, name: QualifiedName, error: unknown): Promise<never> {
  const hints = [`The trigger is still there; delete it with: wsk trigger delete ${name.entity}`];
  try {
    const client = await context.client();
    const reply = await client.send({ method: 'DELETE', route: entityRoute('triggers', name) });
    if (reply.status < 300) throw error;
  } catch (failure) {
    if (failure === error || !(error instanceof CliError)) throw error;
  }
  if (!(error instanceof CliError)) throw error;
  throw new CliError(error.message, {
    exitCode: error.exitCode,
    hints: [...error.hints, ...hints],
    cause: error,
  });
}

/** `wsk trigger create`. */
export const createTrigger: CommandRunner = (context) => {
  const { options, settings } = context;
  const name = namedEntity(context, 'trigger');
  const written = options.text('feed');
  const feed = written === undefined ? undefined : parseQualifiedName(written, settings.namespace);
  const given = options.entries('annotation');
  const annotations =
    feed === undefined
      ? given
      : new Map([...(given ?? []), ['feed', JSON.stringify(`/${feed.namespace}/${feed.entity}`)]]);
  return put(context, { name, verb: 'create', feed, annotations });
};

/** `wsk trigger update`. A trigger that does not exist is created. */
export const updateTrigger: CommandRunner = async (context) => {
  const name = namedEntity(context, 'trigger');
  const document = await attempt(`Unable to get trigger '${name.entity}'`, async () => {
    const client = await context.client();
    const reply = await client.send({ method: 'GET', route: entityRoute('triggers', name) });
    return reply.status === 404 ? undefined : expectJson(reply);
  });
  const annotations = context.options.entries('annotation');
  if (document === undefined) {
    return put(context, { name, verb: 'create', feed: undefined, annotations });
  }
  return put(context, {
    name,
    verb: 'update',
    feed: feedOf(document, context.settings.namespace),
    annotations,
  });
};
