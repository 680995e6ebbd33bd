import type { TSchema } from 'typebox';

/** What one status of an operation carries. */
export interface ResponseDescription {
  readonly description: string;
  /** Name of a definition, an inline schema, or `text` for plain text; absent: no body. */
  readonly body?: string | TSchema;
}

/** A parameter in the query. */
export interface QueryParameter {
  readonly description: string;
  readonly schema: TSchema;
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
  readonly responses: { readonly [status: number]: ResponseDescription };
  /** Further statuses that bad input or a fault may bring; only in the OpenAPI document. */
  readonly otherResponses?: { readonly [status: number]: ResponseDescription };
}
