/** What one status of an operation carries. */
export interface ResponseDescription {
  readonly description: string;
  /** JSON: the name of a definition, or of the definition of each item of a list; absent: see `text`. */
  readonly body?: { readonly definition: string } | { readonly listOf: string };
  /** Plain text. */
  readonly text?: true;
}

/** A parameter in the query, as JSON Schema has it. */
export interface QueryParameter {
  readonly type: 'boolean' | 'integer' | 'string';
  readonly description: string;
  readonly default?: boolean | number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Responses {
  readonly [status: number]: ResponseDescription;
}

/** An operation of the API, as its documents show it. The path and its parameters are the route's. */
export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: { readonly [name: string]: QueryParameter };
  /** Name of the body's definition. */
  readonly body?: { readonly definition: string; readonly required: boolean; readonly description: string };
  /** Statuses that OpenWhisk's own document declares: its clients' tests accept no other. */
  readonly responses: Responses;
  /** Further statuses that bad input or a fault may bring; only in the OpenAPI document. */
  readonly otherResponses?: Responses;
}
