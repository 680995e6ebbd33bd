import type { PathTable } from './path-table.ts';
import type { Verb } from './api-document.ts';

/** What a caller has to show: a whole key in one header, or a key's id and its secret in two. */
export type KeyDemand =
  | { readonly kind: 'key'; readonly header: string }
  | { readonly kind: 'pair'; readonly idHeader: string; readonly secretHeader: string };

/** `rate` requests in each `intervalMs`, of each key or, without keys, of the whole API. */
export interface RequestRate {
  readonly rate: number;
  readonly intervalMs: number;
}

/** The web action that serves an operation. */
export interface CompiledTarget {
  /** Escaped, for a path; absent: the one whose API it is. */
  readonly namespace: string | undefined;
  /** `/package/action.type`, escaped: what follows the namespace in the action's address. */
  readonly place: string;
  /** The action gets the path of the request, too. */
  readonly appendPath: boolean;
}

export interface CompiledOperation {
  readonly target: CompiledTarget;
  /** The method that the action sees; absent: the request's own. */
  readonly method?: string;
  /** Set on every request, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Any of them is enough; none: for everybody. */
  readonly demands: readonly KeyDemand[];
}

/** What one path does, by method. */
export type CompiledPath = ReadonlyMap<Verb, CompiledOperation>;

/** An API ready to be served. */
export interface CompiledApi {
  readonly basePath: string;
  /** Decoded segments of the base path; none for `/`. */
  readonly base: readonly string[];
  readonly paths: PathTable<CompiledPath>;
  readonly cors: boolean | undefined;
  readonly rateLimit: RequestRate | undefined;
  /** Headers that carry keys, in lower case: no action needs to see them. */
  readonly keyHeaders: ReadonlySet<string>;
}
