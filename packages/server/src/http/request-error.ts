import { errorTexts } from '@vibrissa/protocol';

/**
 * A request that cannot be served as it is. Thrown by whatever reads a request; `map-errors.ts` turns it into an
 * answer. The message goes to the client.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Extra headers of the answer. */
  readonly headers: readonly string[];

  constructor(status: number, message: string, headers: readonly string[] = []) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** 400: the body is not what the operation takes. */
export function malformed(detail: string): RequestError {
  return new RequestError(400, errorTexts.malformedContent(detail));
}

/** 400: a query parameter is not what the operation takes. */
export function malformedQuery(name: string, detail: string): RequestError {
  return new RequestError(400, errorTexts.malformedQuery(name, detail));
}

/** 404: no such entity. */
export function notFound(): RequestError {
  return new RequestError(404, errorTexts.notFound);
}
