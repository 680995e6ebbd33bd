import type { ActionEntity, PackageEntity } from '@vibrissa/protocol';
import type { PackageView } from './package-view.ts';

/** What makes an action a feed. */
const FEED = 'feed';

/** The document of a package without what it holds: the answer to a write. */
export function packageDocument(entity: PackageEntity): object {
  const { namespace, name, version, publish, updated, annotations, parameters, binding } = entity;
  return {
    namespace,
    name,
    version,
    publish,
    updated,
    annotations,
    parameters,
    binding: binding === undefined ? {} : { namespace: binding.namespace, name: binding.name },
  };
}

function brief({ name, version, annotations }: ActionEntity): object {
  return { name, version, annotations };
}

/** The document of a package with its actions and feeds; a binding shows its provider's. */
export function packageWithActions(view: PackageView, held: readonly ActionEntity[]): object {
  const isFeed = ({ annotations }: ActionEntity) => annotations.some(({ key }) => key === FEED);
  return {
    ...packageDocument({ ...view.entity, parameters: view.parameters }),
    actions: held.filter((action) => !isFeed(action)).map(brief),
    feeds: held.filter(isFeed).map(brief),
  };
}

/** An item of a list. */
export function packageSummary(entity: PackageEntity): object {
  const { namespace, name, version, publish, annotations, updated, binding } = entity;
  return {
    namespace,
    name,
    version,
    publish,
    annotations,
    updated,
    binding: binding === undefined ? false : { namespace: binding.namespace, name: binding.name },
  };
}
