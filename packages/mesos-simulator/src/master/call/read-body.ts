import type { HttpCall } from '../messages.ts';

/** A request that ends here: its answer. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly text: string;
  readonly headers?: readonly (readonly [string, string])[];
}

export interface Body {
  readonly kind: 'body';
  readonly json: unknown;
}

export function refuse(status: number, text: string): Refusal {
  return { kind: 'refused', status, text };
}

/** Method, content type and JSON, in this order, as the master's API endpoints check them. */
export function readBody(call: HttpCall): Body | Refusal {
  if (call.method !== 'POST') {
    const text = `405 Method Not Allowed. Expecting one of { 'POST' }, but received '${call.method}'.`;
    return { ...refuse(405, text), headers: [['Allow', 'POST']] };
  }
  if (call.contentType === undefined) return refuse(400, "Expecting 'Content-Type' to be present");
  // Protobuf bodies are not read here: what a real master says to a broken one stands for all.
  if (call.contentType === 'application/x-protobuf') {
    return refuse(400, 'Failed to parse body into Call protobuf');
  }
  if (call.contentType !== 'application/json') {
    return refuse(415, "Expecting 'Content-Type' of application/json or application/x-protobuf");
  }
  if ('json' in call.body) return { kind: 'body', json: call.body.json };
  try {
    return { kind: 'body', json: JSON.parse(call.body.text) as unknown };
  } catch {
    return refuse(400, 'Failed to parse body into JSON: syntax error at line 1 near: ');
  }
}

/** JSON is what a stream speaks here: when the header forbids it, there is nothing to say. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const type = range.split(';')[0]?.trim().toLowerCase();
    return type === '*/*' || type === 'application/*' || type === 'application/json';
  });
}
