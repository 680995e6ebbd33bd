import type { Header } from './response-headers.ts';

/** What a web action's result means. */
export type WebResult =
  | {
      readonly is: 'answer';
      readonly status: number;
      readonly headers: readonly Header[];
      /** Empty: no entity, and no content type. */
      readonly body: string | Buffer;
      readonly contentType: string;
    }
  /** The result is not what its extension asks for. */
  | { readonly is: 'refused'; readonly status: 400 | 404; readonly message: string };

export function refusedResult(status: 400 | 404, message: string): WebResult {
  return { is: 'refused', status, message };
}

/** An answer of status 200 without headers of its own. */
export function entity(contentType: string, body: string): WebResult {
  return { is: 'answer', status: 200, headers: [], body, contentType };
}
