/** A complete answer of an HTTP request; `Date` and `Content-Length` are added when it is sent. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
}

/** Mesos's errors are bare sentences. */
export function textAnswer(
  status: number,
  text: string,
  headers: readonly (readonly [string, string])[] = [],
): HttpAnswer {
  return { status, headers: [...headers, ['Content-Type', 'text/plain; charset=utf-8']], body: text };
}

/** `jsonp`: the name of a function to wrap it in, as old dashboards ask for by `?jsonp=`. */
export function jsonAnswer(value: unknown, jsonp?: string | null): HttpAnswer {
  const json = JSON.stringify(value);
  return jsonp
    ? { status: 200, headers: [['Content-Type', 'text/javascript']], body: `${jsonp}(${json})` }
    : { status: 200, headers: [['Content-Type', 'application/json']], body: json };
}

/** A status alone, without a type. */
export function emptyAnswer(
  status: number,
  headers: readonly (readonly [string, string])[] = [],
): HttpAnswer {
  return { status, headers, body: '' };
}

export const notFound = textAnswer(404, '404 Not Found.');

/** A file that isn't there is told apart from a path that isn't: its 404 is empty. */
export const noSuchFile = textAnswer(404, '');

export function methodNotAllowed(expected: string, received: string): HttpAnswer {
  return textAnswer(
    405,
    `405 Method Not Allowed. Expecting one of { '${expected}' }, but received '${received}'.`,
    [['Allow', expected]],
  );
}
