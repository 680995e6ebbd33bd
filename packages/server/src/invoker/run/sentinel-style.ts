import type { RuntimesManifest } from '@vibrissa/protocol';
import type { SentinelStyle } from './collect-logs.ts';

const NATIVE_IMAGE = /^(?:[^/]+\/)*openwhisk\/dockerskeleton(?::[^/]+)?$/;

/** Does a user's image end its logs as managed runtimes do? */
function isNative(image: string | undefined, manifest: RuntimesManifest): boolean {
  if (image === undefined) return false;
  if (NATIVE_IMAGE.test(image)) return true;
  const name = image.replace(/:[^/:]+$/, '');
  return (manifest.blackboxes ?? []).some(
    (known) => [known.prefix, known.name].filter(Boolean).join('/') === name,
  );
}

/** How containers of a kind end their logs, by their factory and by what the manifest says of the runtime. */
export function sentinelStyle(
  container: { readonly kind: string; readonly image?: string },
  manifest: RuntimesManifest,
  plainSentinels: boolean,
): SentinelStyle {
  const style = plainSentinels ? 'plain' : 'token';
  if (container.kind === 'blackbox') return isNative(container.image, manifest) ? style : 'none';
  const runtime = Object.values(manifest.runtimes)
    .flat()
    .find(({ kind }) => kind === container.kind);
  return runtime?.sentinelledLogs === false ? 'none' : style;
}
