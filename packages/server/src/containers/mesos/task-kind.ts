import type { RuntimeDescription, RuntimesManifest } from '@vibrissa/protocol';

import type { ContainerSpec } from '../container-factory.ts';
import type { MesosConfig, MesosSettings } from './mesos-config.ts';

/** How a container becomes a task. */
export type TaskKind =
  /** The runtime on the agent, in bubblewrap. */
  | { readonly type: 'command' }
  | {
      readonly type: 'docker' | 'ucr';
      /** With its registry. */
      readonly image: string;
      /** The image was named by the action's author: what is wrong with it is theirs to mend. */
      readonly isUsers: boolean;
      /** Its runtime is ours: it takes tokens and stamps its lines. */
      readonly isOurs: boolean;
    };

export type ChosenKind = TaskKind | { readonly type: 'none'; readonly reason: string };

/** The image whose runtime is the native one of every platform. */
const skeleton = /^(?:docker\.io\/)?openwhisk\/dockerskeleton(?::[\w.-]+)?$/;

function withRegistry(registry: string, image: string): string {
  return registry === '' ? image : `${registry.replace(/\/+$/, '')}/${image}`;
}

function imageOf({ image }: RuntimeDescription, runtimesRegistry: string): string {
  const registry = runtimesRegistry === '' ? (image.registry ?? '') : runtimesRegistry;
  const name = `${image.prefix === undefined ? '' : `${image.prefix}/`}${image.name}`;
  return withRegistry(registry, image.tag === undefined ? name : `${name}:${image.tag}`);
}

function imagesOf({ runtimes }: RuntimesManifest, registry: string): ReadonlyMap<string, string> {
  const all = Object.values(runtimes).flat();
  return new Map(all.map((runtime) => [runtime.kind, imageOf(runtime, registry)]));
}

/** Chooses the kind of task for a kind of action or an image. Made once for a configuration. */
export function taskKinds({
  settings,
  manifest,
  commandKinds,
}: Pick<MesosConfig, 'settings' | 'manifest' | 'commandKinds'>): (
  container: Pick<ContainerSpec, 'kind' | 'image'>,
) => ChosenKind {
  const { task, images } = settings;
  const managed = imagesOf(manifest, images.runtimesRegistry);
  const isOurs = (image: string): boolean => images.owned.some((prefix) => image.startsWith(prefix));
  const ofUser = (image: string): ChosenKind => usersTask(settings, image, isOurs);
  return ({ kind, image }) => {
    const isNative = task === 'command' && (image === undefined || skeleton.test(image));
    if (isNative && commandKinds.has(kind)) return { type: 'command' };
    if (image !== undefined) return ofUser(image);
    if (task === 'command') return unknownKind(kind, commandKinds, 'on the agents');
    const found = managed.get(kind);
    if (found === undefined) return unknownKind(kind, managed.keys(), 'in the runtimes manifest');
    return { type: task, image: found, isUsers: false, isOurs: isOurs(stripRegistry(found, images)) };
  };
}

/** Prefixes of images that are ours are given without a registry. */
function stripRegistry(image: string, { runtimesRegistry }: MesosSettings['images']): string {
  const prefix = withRegistry(runtimesRegistry, '');
  return prefix !== '' && image.startsWith(prefix) ? image.slice(prefix.length) : image;
}

function usersTask(
  { blackboxTask, images }: MesosSettings,
  image: string,
  isOurs: (image: string) => boolean,
): ChosenKind {
  if (blackboxTask === 'none') {
    return {
      type: 'none',
      reason: `The image '${image}' can't run here: this platform takes no images of users (mesos.blackboxTask is none).`,
    };
  }
  return {
    type: blackboxTask,
    image: withRegistry(images.userImagesRegistry, image),
    isUsers: true,
    isOurs: isOurs(image),
  };
}

function unknownKind(kind: string, known: Iterable<string>, where: string): ChosenKind {
  const list = [...known].join(', ');
  return { type: 'none', reason: `The kind '${kind}' has no runtime ${where} (there are: ${list}).` };
}
