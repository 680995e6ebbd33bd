import type { JsonObject, KeyValue, Parameter } from '@vibrissa/protocol';

/** One parameter as the annotation `parameters` documents it: command lines print it, forms are made from it. */
export interface DocumentedParameter {
  readonly name: string;
  readonly required: boolean;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  readonly description?: string;
}

/** How a package or an action presents itself. */
interface Described {
  readonly name: string;
  readonly description: string;
  readonly documented?: readonly DocumentedParameter[];
  /** Further annotations, such as `web-export`. */
  readonly annotations?: readonly KeyValue[];
  /** Bound parameters. */
  readonly parameters?: readonly Parameter[];
}

/** An action of the platform's own. */
export interface CatalogueAction extends Described {
  /** The text of a Node.js action, or `built-in`: it runs in the controller, registered there by its full name. */
  readonly code: string;
  readonly isFeed?: true;
  readonly sampleInput?: JsonObject;
  readonly sampleOutput?: JsonObject;
}

/** A public package of the namespace `whisk.system`. */
export interface CataloguePackage extends Described {
  readonly actions: readonly CatalogueAction[];
}

/** The `code` of an action that runs in the controller. */
export const BUILT_IN = 'built-in';
