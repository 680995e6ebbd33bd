import { attempt } from '../cli-error.ts';
import { expectSuccess, readReply, replyError } from '../client/read-reply.ts';
import type { HttpReply } from '../client/send-request.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandContext } from '../command/description.ts';
import type { Entries } from '../command/parsed-options.ts';
import { requireAuth } from '../config/settings.ts';
import { isJsonObject, jsonMembers, jsonObject, readKeyValues } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { activationId, invokedLine, noteUnfinished } from './print-invocation.ts';

/** What happened to the trigger, as a feed is told. */
export type FeedEvent = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE';

/** One word to a feed about a trigger. */
export interface FeedCall {
  readonly feed: QualifiedName;
  readonly trigger: QualifiedName;
  readonly event: FeedEvent;
  readonly parameters?: Entries | undefined;
}

/**
 * The feed that a trigger's document names; annotations are the only place where that is kept. One that is no name
 * of an action counts as none, or else the trigger could not be deleted.
 */
export function feedOf(document: string, namespace: string): QualifiedName | undefined {
  const annotation = readKeyValues(jsonMembers(document).get('annotations')).get('feed');
  if (!annotation?.startsWith('"')) return undefined;
  try {
    return parseQualifiedName(JSON.parse(annotation) as string, namespace);
  } catch {
    return undefined;
  }
}

/** What a feed that failed says of itself, of its record or its result. */
function reasonOf(reply: HttpReply): string {
  const record = jsonMembers(reply.text);
  const response = record.get('response');
  const result = response === undefined ? reply.text : (jsonMembers(response).get('result') ?? '');
  const error = isJsonObject(result) ? (jsonMembers(result).get('error') ?? result) : result;
  const text = error.startsWith('"') ? String(JSON.parse(error)) : error;
  const id = activationId(reply);
  return id === '' ? text : `${text} (activation ${id})`;
}

/** Runs a feed's action and waits for it. Throws `CliError` where it fails or does not end in time. */
export async function callFeed(context: CommandContext, call: FeedCall): Promise<HttpReply> {
  const { feed, trigger, event, parameters } = call;
  const what = `Unable to invoke trigger '${trigger.entity}' feed action '${feed.entity}'; feed is not configured`;
  return attempt(what, async () => {
    const client = await context.client();
    const reply = await client.send({
      method: 'POST',
      route: entityRoute('actions', feed),
      query: { blocking: true, result: false },
      body: jsonObject(
        new Map([
          ...(parameters ?? []),
          // These three win: a feed must not be told of another trigger.
          ['lifecycleEvent', JSON.stringify(event)],
          ['triggerName', JSON.stringify(`/${trigger.namespace}/${trigger.entity}`)],
          ['authKey', JSON.stringify(requireAuth(context.settings))],
        ]),
      ),
    });
    if (readReply(reply).type === 'applicationError') throw replyError(reply, reasonOf(reply));
    expectSuccess(reply);
    return reply;
  });
}

/** Prints what a feed answered, as an invocation of it would be. */
export function printFeedReply({ output }: CommandContext, feed: QualifiedName, reply: HttpReply): void {
  if (reply.status === 202) return noteUnfinished(output, feed, activationId(reply));
  output.line(...invokedLine(feed, activationId(reply)));
  if (output.format === 'text') output.document(reply.text);
}
