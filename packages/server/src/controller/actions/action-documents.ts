import type { ActionEntity, ActionLimits, ExecMeta } from '@vibrissa/protocol';

/** Exactly the members that clients know, in OpenWhisk's order. */
function showLimits({ timeout, memory, logs, concurrency, instances }: ActionLimits): ActionLimits {
  const limits = { timeout, memory, logs, concurrency };
  return instances === undefined ? limits : { ...limits, instances };
}

/** A sequence is its components and nothing else; an image comes before what is to run in it. */
function showExec({ kind, components, image, main, binary }: ExecMeta, code: string | undefined): object {
  if (components !== undefined) return { kind, components };
  const [source, entry] = [code === undefined ? {} : { code }, main === undefined ? {} : { main }];
  return image === undefined
    ? { kind, ...source, binary, ...entry }
    : { kind, image, binary, ...source, ...entry };
}

/** The document of one action; without `code` where it is not wanted or there is none. */
export function actionDocument(action: ActionEntity, code: string | undefined): object {
  const { namespace, name, version, publish, updated, parameters, annotations, limits } = action;
  return {
    namespace,
    name,
    version,
    publish,
    updated,
    exec: showExec(action.exec, code),
    parameters,
    limits: showLimits(limits),
    annotations,
  };
}

/** An item of a list. The kind is in the annotation `exec` only. */
export function actionSummary(action: ActionEntity): object {
  const { namespace, name, version, publish, annotations, updated, limits } = action;
  return {
    namespace,
    name,
    version,
    publish,
    annotations,
    updated,
    limits: showLimits(limits),
    exec: { binary: action.exec.binary },
  };
}
