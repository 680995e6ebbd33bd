import { attempt, CliError } from '../../cli-error.ts';
import { expectSuccess } from '../../client/read-reply.ts';
import type { WhiskClient } from '../../client/whisk-client.ts';
import type { CommandContext } from '../../command/description.ts';
import { callFeed, type FeedEvent } from '../../client/call-feed.ts';
import { bold, ok } from '../../output/output.ts';
import { parseQualifiedName } from '../../values/qualified-name.ts';
import { FEED_DIGEST, nounOf, type Entity } from '../entity.ts';
import type { Operation } from '../plan/plan.ts';
import { createEndpoint, deleteEndpoint } from './apis.ts';
import { deleteRequest, statusRequest, writeRequest } from './entity-request.ts';

type Write = Extract<Operation, { type: 'create' | 'update' }>;

async function send(client: WhiskClient, request: Parameters<WhiskClient['send']>[0]): Promise<void> {
  expectSuccess(await client.send(request));
}

/** One word to a feed about a trigger. */
interface FeedWord {
  readonly trigger: Entity;
  readonly feed: string;
  readonly event: FeedEvent;
}

async function tellFeed(context: CommandContext, { trigger, feed, event }: FeedWord): Promise<void> {
  await callFeed(context, {
    feed: parseQualifiedName(feed, '_'),
    trigger: { namespace: '_', entity: trigger.name },
    event,
    ...(event !== 'DELETE' && { parameters: trigger.feed?.inputs }),
  });
}

/** The feed that fills a trigger on the platform. */
function feedOf({ fields }: Entity): string | undefined {
  const annotation = fields.get('annotations.feed');
  return annotation?.startsWith('"') ? (JSON.parse(annotation) as string) : undefined;
}

/** A feed that is gone, or fails, must not keep a trigger from being deleted. */
async function leaveFeed(context: CommandContext, trigger: Entity): Promise<void> {
  const feed = feedOf(trigger);
  if (feed === undefined) return;
  try {
    await tellFeed(context, { trigger, feed, event: 'DELETE' });
  } catch (error) {
    context.output.note(`${error instanceof Error ? error.message : String(error)}; going on`);
  }
}

async function createFeed(context: CommandContext, client: WhiskClient, trigger: Entity): Promise<void> {
  if (trigger.feed === undefined) return;
  try {
    await tellFeed(context, { trigger, feed: trigger.feed.action, event: 'CREATE' });
  } catch (error) {
    await client.send(deleteRequest(trigger));
    throw error;
  }
}

/**
 * The feed is told first: where it refuses, the trigger goes on as it was, and the next deployment tries again.
 * Another feed than before is joined after the old one was left.
 */
async function updateTrigger(
  context: CommandContext,
  client: WhiskClient,
  operation: Extract<Operation, { type: 'update' }>,
): Promise<void> {
  const { entity, before, changes } = operation;
  const { feed } = entity;
  const isOther = feedOf(before) !== feed?.action;
  if (isOther) await leaveFeed(context, before);
  else if (feed !== undefined && changes.some(({ field }) => field === FEED_DIGEST)) {
    await tellFeed(context, { trigger: entity, feed: feed.action, event: 'UPDATE' });
  }
  await send(client, writeRequest(operation));
  if (isOther) await createFeed(context, client, entity);
}

async function write(context: CommandContext, client: WhiskClient, operation: Write): Promise<void> {
  const { entity } = operation;
  if (entity.collection === 'apis') return createEndpoint({ client, settings: context.settings }, entity);
  if (entity.collection === 'triggers' && operation.type === 'update') {
    return updateTrigger(context, client, operation);
  }
  await send(client, writeRequest(operation));
  if (entity.collection === 'triggers') return createFeed(context, client, entity);
  const status = entity.collection === 'rules' ? statusRequest(operation) : undefined;
  if (status !== undefined) await send(client, status);
}

async function remove(context: CommandContext, client: WhiskClient, entity: Entity): Promise<void> {
  if (entity.collection === 'apis') return deleteEndpoint({ client, settings: context.settings }, entity);
  if (entity.collection === 'triggers') await leaveFeed(context, entity);
  const reply = await client.send(deleteRequest(entity));
  // Somebody else was faster: it is gone, as it should be.
  if (reply.status !== 404) expectSuccess(reply);
}

const done = { create: 'created', update: 'updated', delete: 'deleted' } as const;

async function step(context: CommandContext, client: WhiskClient, operation: Operation): Promise<boolean> {
  if (operation.type === 'unchanged') return false;
  const { entity, type } = operation;
  const noun = nounOf(entity);
  if (operation.type === 'keep') {
    context.output.note(`kept ${noun} ${entity.name}: ${operation.reason}`);
    return false;
  }
  await attempt(`Unable to ${type} ${noun} '${entity.name}'`, async () =>
    operation.type === 'delete' ? remove(context, client, entity) : write(context, client, operation),
  );
  context.output.line(ok, ` ${done[operation.type]} ${noun} `, bold(entity.name));
  return true;
}

function interrupted(error: unknown, finished: number, total: number): unknown {
  if (!(error instanceof CliError) || total <= 1) return error;
  const hints = [
    ...error.hints,
    finished === 0
      ? 'Nothing was changed before it.'
      : `${finished} of ${total} changes were made before it, and stay.`,
    'Mend the reason and run the same command again: it does only what is left.',
  ];
  return new CliError(error.message, { exitCode: error.exitCode, hints, cause: error });
}

/** Does the steps one after the other, and says each; gives how many changed something. */
export async function carryOut(context: CommandContext, operations: readonly Operation[]): Promise<number> {
  const client = await context.client();
  const total = operations.filter(({ type }) => type !== 'unchanged' && type !== 'keep').length;
  let finished = 0;
  for (const operation of operations) {
    try {
      if (await step(context, client, operation)) finished++;
    } catch (error) {
      throw interrupted(error, finished, total);
    }
  }
  return finished;
}
