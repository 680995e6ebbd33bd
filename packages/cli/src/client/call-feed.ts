import { attempt } from '../cli-error.ts';
import { requireAuth, type Settings } from '../config/settings.ts';
import { isJsonObject, jsonMembers, jsonObject, readKeyValues } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { activationId, expectSuccess, readReply, replyError } from './read-reply.ts';
import type { HttpReply } from './send-request.ts';
import { entityRoute, type WhiskClient } from './whisk-client.ts';

/** What happened to the trigger, as a feed is told. */
export type FeedEvent = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE';

/** One word to a feed about a trigger. */
export interface FeedCall {
  readonly feed: QualifiedName;
  readonly trigger: QualifiedName;
  readonly event: FeedEvent;
  readonly parameters?: ReadonlyMap<string, string> | undefined;
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

/** Whose key a feed is given. */
interface FeedCaller {
  readonly client: () => Promise<WhiskClient>;
  readonly settings: Settings;
}

/** Runs a feed's action and waits for it. Throws `CliError` where it fails or does not end in time. */
export async function callFeed(caller: FeedCaller, call: FeedCall): Promise<HttpReply> {
  const { feed, trigger, event, parameters } = call;
  const what = `Unable to invoke trigger '${trigger.entity}' feed action '${feed.entity}'; feed is not configured`;
  return attempt(what, async () => {
    const client = await caller.client();
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
          ['authKey', JSON.stringify(requireAuth(caller.settings))],
        ]),
      ),
    });
    if (readReply(reply).type === 'applicationError') throw replyError(reply, reasonOf(reply));
    expectSuccess(reply);
    return reply;
  });
}
