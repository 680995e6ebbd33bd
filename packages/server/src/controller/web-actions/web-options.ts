import type { Json, KeyValue } from '@vibrissa/protocol';
import type { ResolvedAction } from '../invocation/resolved-action.ts';
import { prepareParameters } from '../invocation/merge-parameters.ts';

/** What an action's annotations say of it as a web action. */
export interface WebOptions {
  readonly isExported: boolean;
  readonly isRaw: boolean;
  /** It answers `OPTIONS`, and says itself who may read its answers. */
  readonly hasCustomOptions: boolean;
  /** `require-whisk-auth`; undefined: open to everybody. */
  readonly required: Json | undefined;
  /** Names that no query and no body may define, beside the reserved ones. */
  readonly final: ReadonlySet<string>;
}

const known = new WeakMap<ResolvedAction, WebOptions>();

function valueOf(annotations: readonly KeyValue[], key: string): Json | undefined {
  return annotations.findLast((annotation) => annotation.key === key)?.value;
}

/** Read once, and kept beside the resolved action for as long as that is in use. */
export function webOptionsOf(target: ResolvedAction): WebOptions {
  let options = known.get(target);
  if (!options) {
    const { entity } = target.action;
    const { annotations } = entity;
    const required = valueOf(annotations, 'require-whisk-auth');
    options = {
      isExported: valueOf(annotations, 'web-export') === true,
      isRaw: valueOf(annotations, 'raw-http') === true,
      hasCustomOptions: valueOf(annotations, 'web-custom-options') === true,
      required: required === false ? undefined : required,
      final: new Set(prepareParameters(entity, target.packageParameters).final),
    };
    known.set(target, options);
  }
  return options;
}
