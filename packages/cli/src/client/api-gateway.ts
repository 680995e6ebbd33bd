import { CliError } from '../cli-error.ts';
import { requireAuth, type Settings } from '../config/settings.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import { isJsonObject, jsonMembers } from '../values/json-text.ts';
import { expectJson } from './read-reply.ts';
import type { HttpReply } from './send-request.ts';
import type { WhiskClient, WhiskRequest } from './whisk-client.ts';

/** The platform's actions that manage APIs. */
export type ApiAction = 'createApi' | 'getApi' | 'deleteApi';

const methods = { createApi: 'POST', getApi: 'GET', deleteApi: 'DELETE' } as const;

/** What a gateway that needs no token is sent in its place. */
const NO_TOKEN = 'DUMMY TOKEN';

/** The reason stands in `error`, without a code: the action itself has failed. */
function reasonOf({ status, text }: HttpReply): string | undefined {
  if (status !== 502 || !isJsonObject(text)) return undefined;
  const members = jsonMembers(text);
  const error = members.get('error');
  return members.has('code') || !error?.startsWith('"') ? undefined : (JSON.parse(error) as string);
}

/** What to do about a reason; an API is named by its base path, or by a name that it was given. */
function hintsOf(reason: string): string[] {
  const named = /API '([^']*)' does not exist/.exec(reason)?.[1];
  if (named === undefined) return [];
  const list = 'See all APIs with: wsk api list';
  return named.startsWith('/') ? [list] : [`A base path begins with a slash: /${named}`, list];
}

/** Runs one of the actions and returns its answer as JSON text; throws {@link CliError} with its reason. */
export async function callApiGateway(
  client: WhiskClient,
  settings: Settings,
  request: {
    readonly action: ApiAction;
    readonly query: NonNullable<WhiskRequest['query']>;
    readonly body?: string;
  },
): Promise<string> {
  const { action, body, query } = request;
  const reply = await client.send({
    method: methods[action],
    route: `web/whisk.system/apimgmt/${action}.http`,
    query: {
      ...query,
      accesstoken: settings.apiGatewayToken ?? NO_TOKEN,
      spaceguid: settings.apiGatewayTenant ?? requireAuth(settings).split(':', 1)[0],
    },
    ...(body !== undefined && { body }),
  });
  const reason = reasonOf(reply);
  if (reason === undefined) return expectJson(reply);
  throw new CliError(reason, { exitCode: exitCodeOfStatus(reply.status), hints: hintsOf(reason) });
}
