import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export const AUTH = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:' + 'k'.repeat(64);

export interface Recorded {
  /** `PUT /api/v1/namespaces/_/actions/hello?overwrite=false`. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  /** Instead of `json`: the body as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A real HTTP server with canned answers, which remembers what it was asked. */
export interface WhiskServer {
  readonly url: string;
  readonly requests: Recorded[];
  /** Lines of all requests so far. */
  readonly lines: string[];
  /** JSON body of the latest request that had one. */
  readonly body: () => unknown;
  /** Several answers are given one after the other; the last one stays. */
  readonly on: (line: string, ...answers: Answer[]) => void;
  readonly close: () => Promise<void>;
}

const missing: Answer = {
  status: 404,
  json: { error: 'The requested resource does not exist.', code: 'tid0' },
};

export async function startWhiskServer(): Promise<WhiskServer> {
  const answers = new Map<string, Answer[]>();
  const requests: Recorded[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method} ${request.url}`;
      requests.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const queue = answers.get(line) ?? [missing];
      const answer = (queue.length > 1 ? queue.shift() : queue[0]) ?? missing;
      const body = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
      response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json', ...answer.headers });
      response.end(body);
    });
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get lines() {
      return requests.map(({ line }) => line);
    },
    body: () => JSON.parse(requests.findLast(({ body }) => body !== '')?.body ?? 'null') as unknown,
    on: (line, ...given) => void answers.set(line, given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
