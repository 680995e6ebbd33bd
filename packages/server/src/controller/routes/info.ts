import {
  formatImage,
  type KnownRuntimes,
  type RuntimeDescription,
  type SystemLimits,
} from '@vibrissa/protocol';
import { json, plainText } from '../../http/answer.ts';
import type { OpenRoute } from '../../http/route.ts';
import { notAvailable } from '../not-available.ts';
import { failures, one } from './responses.ts';

/** What `GET /api/v1` says of this build. */
interface BuildInfo {
  readonly build: string;
  readonly buildno: string;
}

/** What the server says of itself. */
export interface InfoRouteDeps {
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
  readonly build: BuildInfo;
}

const MEBIBYTE = 1024 * 1024;

function showRuntime(runtime: RuntimeDescription, isOnly: boolean): object {
  return {
    kind: runtime.kind,
    image: formatImage(runtime.image),
    deprecated: runtime.deprecated ?? false,
    default: runtime.default ?? isOnly,
    attached: runtime.attached !== undefined,
    requireMain: runtime.requireMain ?? false,
  };
}

function showRuntimes({ manifest }: KnownRuntimes): object {
  return Object.fromEntries(
    Object.entries(manifest.runtimes).map(([family, versions]) => [
      family,
      versions.map((version) => showRuntime(version, versions.length === 1)),
    ]),
  );
}

/** Limits in milliseconds and bytes; `default_…` are what a namespace without limits of its own has. */
function showLimits(limits: SystemLimits): object {
  const bounds = {
    min_action_duration: limits.timeLimit.minMs,
    max_action_duration: limits.timeLimit.maxMs,
    min_action_memory: limits.memory.minMb * MEBIBYTE,
    max_action_memory: limits.memory.maxMb * MEBIBYTE,
    min_action_logs: limits.logLimit.minMb * MEBIBYTE,
    max_action_logs: limits.logLimit.maxMb * MEBIBYTE,
  };
  const defaults = Object.entries(bounds).map(([name, value]) => [`default_${name}`, value] as const);
  return {
    actions_per_minute: limits.invokesPerMinute,
    triggers_per_minute: limits.firesPerMinute,
    concurrent_actions: limits.invokesConcurrent,
    sequence_length: limits.sequenceMaxLength,
    ...Object.fromEntries(defaults),
    ...bounds,
  };
}

function serverInfo(deps: Omit<InfoRouteDeps, 'build'>): object {
  return {
    description: 'OpenWhisk',
    support: {
      github: 'https://github.com/apache/openwhisk/issues',
      slack: 'http://slack.openwhisk.org',
    },
    api_paths: ['/api/v1'],
    limits: showLimits(deps.limits),
    runtimes: showRuntimes(deps.runtimes),
  };
}

function apiInfo({ build, buildno }: BuildInfo): object {
  return {
    description: 'OpenWhisk API',
    api_version: '1.0.0',
    api_version_path: 'v1',
    build,
    buildno,
    swagger_paths: { ui: '/docs', 'api-docs': '/api-docs' },
    not_available: notAvailable,
  };
}

/** What anybody may know: the server, its API, and that it is alive. */
export function infoRoutes(deps: InfoRouteDeps): OpenRoute[] {
  const get = { method: 'GET', access: 'public' } as const;
  const server = json(200, serverInfo(deps));
  const api = json(200, apiInfo(deps.build));
  const pong = plainText(200, 'pong');
  return [
    {
      ...get,
      path: '/',
      operation: {
        id: 'getServerInfo',
        tag: 'Server',
        summary: 'Read about the server',
        responses: { 200: one('ServerInfo', 'Limits and runtimes'), ...failures(500) },
      },
      handle: () => server,
    },
    {
      ...get,
      path: '/api/v1',
      operation: {
        id: 'getApiInfo',
        tag: 'Server',
        summary: 'Read about the API',
        responses: { 200: one('ApiInfo', 'Version and build'), ...failures(500) },
      },
      handle: () => api,
    },
    { ...get, path: '/api/v1/', handle: () => api },
    {
      ...get,
      path: '/ping',
      operation: {
        id: 'ping',
        tag: 'Server',
        summary: 'Ask whether the server is alive',
        responses: { 200: { description: '`pong`', text: true }, ...failures(500) },
      },
      handle: () => pong,
    },
  ];
}
