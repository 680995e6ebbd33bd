import { jsonAnswer, noSuchFile, textAnswer, type HttpAnswer } from '../http/answer.ts';
import { ownerNames } from '../files/describe-file.ts';
import type { VirtualFiles } from '../files/virtual-files.ts';
import { agentMetrics, toldContainers, type AgentPicture } from './agent-views.ts';
import { toldTask } from './task-views.ts';
import { versionInfo } from './version-info.ts';

/** What an agent's operator API answers from. */
export interface AgentCallContext {
  readonly picture: () => AgentPicture;
  readonly files: VirtualFiles;
}

interface AgentCall {
  readonly type: string;
  readonly get_containers?: { readonly show_nested?: boolean };
  readonly list_files?: { readonly path?: string };
  readonly read_file?: {
    readonly path?: string;
    readonly offset?: number | string;
    readonly length?: number | string;
  };
}

/** They need nested containers, which the simulator doesn't have. */
const leftOut = new Set([
  'LAUNCH_NESTED_CONTAINER',
  'WAIT_NESTED_CONTAINER',
  'KILL_NESTED_CONTAINER',
  'REMOVE_NESTED_CONTAINER',
  'LAUNCH_NESTED_CONTAINER_SESSION',
  'ATTACH_CONTAINER_INPUT',
  'ATTACH_CONTAINER_OUTPUT',
  'LAUNCH_CONTAINER',
  'WAIT_CONTAINER',
  'KILL_CONTAINER',
  'REMOVE_CONTAINER',
  'ADD_RESOURCE_PROVIDER_CONFIG',
  'UPDATE_RESOURCE_PROVIDER_CONFIG',
  'REMOVE_RESOURCE_PROVIDER_CONFIG',
  'MARK_RESOURCE_PROVIDER_GONE',
  'PRUNE_IMAGES',
  'SET_LOGGING_LEVEL',
]);

type Handler = (call: AgentCall, context: AgentCallContext) => unknown;

function tasks({ ledger }: AgentPicture): Record<string, unknown> {
  const all = ledger.executors();
  const of = (completed: boolean) =>
    all
      .filter(({ executor }) => executor.completed === completed)
      .flatMap(({ executor }) => [...executor.tasks.values()].map(toldTask));
  return {
    pending_tasks: [],
    queued_tasks: [],
    launched_tasks: of(false),
    terminated_tasks: [],
    completed_tasks: of(true),
  };
}

function executors({ ledger }: AgentPicture): Record<string, unknown> {
  const all = ledger.executors();
  const of = (completed: boolean) =>
    all
      .filter(({ executor }) => executor.completed === completed)
      .map(({ executor }) => ({ executor_info: executor.info }));
  return { executors: of(false), completed_executors: of(true) };
}

function frameworks({ ledger }: AgentPicture): Record<string, unknown> {
  const all = [...ledger.frameworks.values()];
  const of = (completed: boolean) =>
    all
      .filter((framework) => framework.executors.every((executor) => executor.completed) === completed)
      .map(({ info, id }) => ({ framework_info: { ...info, id: { value: id } } }));
  return { frameworks: of(false), completed_frameworks: of(true) };
}

const answers: Readonly<Record<string, Handler>> = {
  GET_HEALTH: () => ({ healthy: true }),
  GET_FLAGS: (_call, { picture }) => ({
    flags: Object.entries(picture().flags).map(([name, value]) => ({ name, value })),
  }),
  GET_VERSION: (_call, { picture }) => ({ version_info: versionInfo(picture().info.version) }),
  GET_METRICS: (_call, { picture }) => ({
    metrics: Object.entries(agentMetrics(picture())).map(([name, value]) => ({ name, value })),
  }),
  GET_LOGGING_LEVEL: () => ({ level: 0 }),
  GET_STATE: (_call, { picture }) => ({
    get_tasks: tasks(picture()),
    get_executors: executors(picture()),
    get_frameworks: frameworks(picture()),
  }),
  GET_TASKS: (_call, { picture }) => tasks(picture()),
  GET_EXECUTORS: (_call, { picture }) => executors(picture()),
  GET_FRAMEWORKS: (_call, { picture }) => frameworks(picture()),
  GET_OPERATIONS: () => ({}),
  GET_RESOURCE_PROVIDERS: () => ({}),
  GET_CONTAINERS: (call, { picture }) => ({
    containers: toldContainers(picture(), call.get_containers?.show_nested ?? false),
  }),
  GET_AGENT: (_call, { picture }) => {
    const { info, agentId } = picture();
    const { hostname, port, resources, attributes, domain } = info;
    return {
      agent_info: {
        hostname,
        port,
        resources,
        attributes,
        ...(domain ? { domain } : {}),
        id: { value: agentId },
      },
    };
  },
  LIST_FILES: async (call, { files }) => {
    const found = await files.browse(call.list_files?.path ?? '');
    if (!found) return undefined;
    const infos = found.map(async ({ mtime, ...info }) => ({
      ...info,
      mtime: { nanoseconds: mtime * 1e9 },
      ...(await ownerNames({ mtime, ...info })),
    }));
    return { file_infos: await Promise.all(infos) };
  },
  READ_FILE: async (call, { files }) => {
    const { path = '', offset = 0, length } = call.read_file ?? {};
    const slice = await files.read(path, Number(offset), length === undefined ? undefined : Number(length));
    return slice && { size: slice.size, data: slice.data.toString('base64') };
  },
};

/** Answers one call of an agent's `/api/v1`. */
export async function answerAgentCall(body: string, context: AgentCallContext): Promise<HttpAnswer> {
  let call: AgentCall;
  try {
    call = JSON.parse(body) as AgentCall;
  } catch {
    return textAnswer(400, 'Failed to parse body into JSON');
  }
  const type = typeof call === 'object' && call !== null ? call.type : undefined;
  if (typeof type === 'string' && leftOut.has(type)) {
    return textAnswer(501, `The simulator leaves out ${type}`);
  }
  const handler = typeof type === 'string' && Object.hasOwn(answers, type) ? answers[type] : undefined;
  if (!handler || type === undefined) {
    return textAnswer(400, "Failed to validate agent::Call: Expecting 'type' to be present");
  }
  const answer = await handler(call, context);
  return answer === undefined ? noSuchFile : jsonAnswer({ type, [type.toLowerCase()]: answer });
}
