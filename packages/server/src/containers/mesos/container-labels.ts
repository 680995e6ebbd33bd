import type { TaskRecord } from '@vibrissa/mesos';

import type { ContainerSpec } from '../container-factory.ts';
import type { MesosConfig } from './mesos-config.ts';

type Labels = Readonly<Record<string, string>>;

/** Variables that the factory adds: they are no part of a container's specification. */
const ours = /^(?:VIBRISSA_\w+|__OW_(?:API_HOST|TOKEN|LOG_STAMPS))$/;

function frameworkLabels({ invoker, settings }: Pick<MesosConfig, 'invoker' | 'settings'>): Labels {
  return { framework: settings.frameworkName, invoker: `invoker${invoker}` };
}

/** What a task says of its container, to people and to a later life of the platform. Fixed at launch. */
export function labelsOf(
  container: ContainerSpec,
  config: Pick<MesosConfig, 'invoker' | 'settings'>,
): Labels {
  const { cpuShares, image, kind, memoryMb, name } = container;
  return {
    ...frameworkLabels(config),
    name,
    kind,
    memoryMb: String(memoryMb),
    cpuShares: String(cpuShares),
    ...(image !== undefined && { image }),
  };
}

export function labelsIn({ labels, spec }: TaskRecord): Labels {
  return labels ?? spec?.labels ?? {};
}

/** Is the task a container of this invoker? */
export function isOf(config: Pick<MesosConfig, 'invoker' | 'settings'>, record: TaskRecord): boolean {
  return labelsIn(record)['invoker'] === frameworkLabels(config)['invoker'];
}

/** The specification of a task's container; undefined when its labels are not those of a container. */
export function containerSpecIn(record: TaskRecord): ContainerSpec | undefined {
  const { cpuShares, image, kind, memoryMb, name } = labelsIn(record);
  const memory = Number(memoryMb);
  const shares = Number(cpuShares);
  if (name === undefined || kind === undefined || !(memory > 0) || !(shares > 0)) return undefined;
  const env = Object.entries(record.spec?.env ?? {}).filter(([variable]) => !ours.test(variable));
  return {
    name,
    kind,
    memoryMb: memory,
    cpuShares: shares,
    env: Object.fromEntries(env),
    ...(image !== undefined && { image }),
  };
}
