import { request, type IncomingMessage } from 'node:http';

export interface Reply {
  readonly status: number;
  /** Undefined: there was none. */
  readonly body: unknown;
}

export interface Asked {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Resolves when an answer begins. Rejects when none comes: its program is gone. */
export function open({ socketPath, method, path, body }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    // A connection each: one that is kept would outlive the program that answers.
    request({ socketPath, method, path, headers, agent: false })
      .once('response', resolve)
      .once('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export async function ask(asked: Asked): Promise<Reply> {
  const response = await open(asked);
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode!, body: text === '' ? undefined : parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
