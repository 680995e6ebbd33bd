/** What a task's environment tells the launcher. */
import { defaultSandboxConfig, type SandboxConfig } from '../sandbox-config.ts';
import { LaunchRefusal } from './launch-refusal.ts';

type Sizes = Pick<SandboxConfig, 'tmpMb' | 'actionDirMb' | 'sharedMemoryMb'>;

export interface LaunchSettings {
  /** `VIBRISSA_KIND`: `nodejs:20`, `blackbox`, … */
  readonly kind: string;
  /** `PORT0`: the task's port on the agent. */
  readonly port: number;
  /** `VIBRISSA_API`: where the platform's API is; absent: actions can't call it. */
  readonly api?: URL;
  /** `VIBRISSA_API_CA`: certificates (PEM) that the API's is trusted by; absent: those that Node knows. */
  readonly apiCa?: string;
  /** `VIBRISSA_ALLOW_UNCONFINED=1`: plain processes where there can be no sandbox. */
  readonly allowUnconfined: boolean;
  /** `VIBRISSA_SANDBOX`. */
  readonly sandbox: Sizes;
  /** Goes on to the runtime. */
  readonly env: { readonly [name: string]: string };
}

type Environment = { readonly [name: string]: string | undefined };

function portOf(text: string | undefined): number {
  const port = Number(text);
  if (text !== undefined && /^\d{1,5}$/.test(text) && port > 0 && port < 65_536) return port;
  throw new LaunchRefusal(`PORT0 is no port of this agent: ${text ?? 'it is not set'}`);
}

function apiOf(text: string | undefined): URL | undefined {
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new LaunchRefusal(`VIBRISSA_API is no http or https URL: ${text}`);
}

function sizesOf(text: string | undefined): Sizes {
  const { tmpMb, actionDirMb, sharedMemoryMb } = defaultSandboxConfig;
  const sizes = { tmpMb, actionDirMb, sharedMemoryMb };
  if (text === undefined) return sizes;
  try {
    const given = JSON.parse(text) as { readonly [name: string]: unknown } | null;
    for (const name of ['tmpMb', 'actionDirMb', 'sharedMemoryMb'] as const) {
      const value = given?.[name] ?? sizes[name];
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) throw new Error(name);
      sizes[name] = value;
    }
    return sizes;
  } catch {
    throw new LaunchRefusal(`VIBRISSA_SANDBOX has other sizes than whole megabytes: ${text}`);
  }
}

function runtimeEnvironment(env: Environment): { [name: string]: string } {
  const passed: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && (/^__OW_\w+$/.test(name) || name === 'MESOS_TASK_ID')) passed[name] = value;
  return passed;
}

/** Throws {@link LaunchRefusal}. */
export function readLaunchSettings(env: Environment): LaunchSettings {
  const kind = env['VIBRISSA_KIND'];
  if (!kind) throw new LaunchRefusal('VIBRISSA_KIND is not set: which runtime is it to be?');
  const api = apiOf(env['VIBRISSA_API']);
  const apiCa = env['VIBRISSA_API_CA'];
  return {
    kind,
    port: portOf(env['PORT0']),
    ...(api === undefined ? {} : { api }),
    ...(apiCa === undefined ? {} : { apiCa }),
    allowUnconfined: env['VIBRISSA_ALLOW_UNCONFINED'] === '1',
    sandbox: sizesOf(env['VIBRISSA_SANDBOX']),
    env: runtimeEnvironment(env),
  };
}
