import type { Json, JsonObject } from '@vibrissa/protocol';
import type { Job } from '../job.ts';

/** Arguments taken apart: those that become environment variables at `/init`, and the rest. */
export interface SplitArguments {
  readonly init: JsonObject;
  /** JSON text for `/run`. */
  readonly runJson: string;
}

const noArguments: JsonObject = {};

/** Without init parameters the text of the arguments stays as it is. */
export function splitArguments(content: string | undefined, initArgs: readonly string[]): SplitArguments {
  if (initArgs.length === 0 || content === undefined) return { init: noArguments, runJson: content ?? '{}' };
  const parsed = JSON.parse(content) as Json;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { init: noArguments, runJson: content };
  }
  const names = new Set(initArgs);
  const entries = Object.entries(parsed);
  return {
    init: Object.fromEntries(entries.filter(([name]) => names.has(name))),
    runJson: JSON.stringify(Object.fromEntries(entries.filter(([name]) => !names.has(name)))),
  };
}

/** A value as an environment variable has it. */
export function environmentText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The body of `POST /init`. `codeJson` is the code as a JSON text; undefined when the action has none. */
export function initBody(
  job: Job,
  codeJson: string | undefined,
  env: { readonly init: JsonObject; readonly deadline: number },
): string {
  const { message, action } = job;
  const { exec, name } = action.entity;
  const variables: [string, string][] = Object.entries(env.init).map(([key, value]) => [
    key,
    environmentText(value),
  ]);
  if (action.providesApiKey) variables.push(['__OW_API_KEY', message.user.authkey]);
  variables.push(
    ['__OW_NAMESPACE', message.user.namespace.name],
    ['__OW_ACTION_NAME', `/${action.path}`],
    ['__OW_ACTION_VERSION', action.entity.version],
    ['__OW_ACTIVATION_ID', message.activationId],
    ['__OW_TRANSACTION_ID', message.transactionId],
    ['__OW_DEADLINE', String(env.deadline)],
  );
  if (job.traceparent !== undefined) variables.push(['__OW_TRACE_CONTEXT', job.traceparent]);
  const code = codeJson === undefined ? '' : `"code":${codeJson},`;
  const main = JSON.stringify(exec.main ?? 'main');
  return (
    `{"value":{"name":${JSON.stringify(name)},"main":${main},"binary":${exec.binary},${code}` +
    `"env":${JSON.stringify(Object.fromEntries(variables))}}}`
  );
}

/** The part of a `/run` body that is the same for every activation of a container. */
export function runBodyMiddle(job: Job): string {
  const { user } = job.message;
  return (
    `,"namespace":${JSON.stringify(user.namespace.name)},"action_name":${JSON.stringify(`/${job.action.path}`)}` +
    `,"action_version":"${job.action.entity.version}","activation_id":"`
  );
}

/** The body of `POST /run`, spliced from texts: arguments are not parsed again. */
export function runBody(
  job: Job,
  middle: string,
  args: { readonly json: string; readonly deadline: number },
): string {
  const { message, action } = job;
  const apiKey = action.providesApiKey ? `,"api_key":${JSON.stringify(message.user.authkey)}` : '';
  const trace = job.traceparent === undefined ? '' : `,"trace_context":"${job.traceparent}"`;
  return (
    `{"value":${args.json}${middle}${message.activationId}","transaction_id":${JSON.stringify(message.transactionId)}` +
    `,"deadline":"${args.deadline}"${trace}${apiKey}}`
  );
}
