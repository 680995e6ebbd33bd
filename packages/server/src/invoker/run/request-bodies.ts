import { memberTextsOf, objectText, type Json } from '@vibrissa/protocol';
import type { Job } from '../job.ts';

/** Arguments taken apart: JSON texts of those that become environment variables at `/init`, and the rest. */
export interface SplitArguments {
  readonly init: ReadonlyMap<string, string>;
  /** JSON text for `/run`. */
  readonly runJson: string;
}

const noArguments: ReadonlyMap<string, string> = new Map();

/** Each argument keeps its own text; without init parameters so do all together. An array has none that are named. */
export function splitArguments(content: string | undefined, initArgs: readonly string[]): SplitArguments {
  if (initArgs.length === 0 || content === undefined) return { init: noArguments, runJson: content ?? '{}' };
  if (!content.trimStart().startsWith('{')) return { init: noArguments, runJson: content };
  const names = new Set(initArgs);
  const members = [...memberTextsOf(content)];
  return {
    init: new Map(members.filter(([name]) => names.has(name))),
    runJson: objectText(members.filter(([name]) => !names.has(name))),
  };
}

/** A value, given as its JSON text, as an environment variable has it. */
export function environmentText(json: string): string {
  const value = JSON.parse(json) as Json;
  if (value === null) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  // A number stays as it was written, however many digits it has.
  return typeof value === 'string' ? value : json;
}

/** The body of `POST /init`. `codeJson` is the code as a JSON text; undefined when the action has none. */
export function initBody(
  job: Job,
  codeJson: string | undefined,
  env: { readonly init: SplitArguments['init']; readonly deadline: number },
): string {
  const { message, action } = job;
  const { exec, name } = action.entity;
  const variables = Array.from(env.init, ([key, json]): [string, string] => [key, environmentText(json)]);
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
