import { request } from 'node:http';

export interface TaskAnswer {
  readonly status: number;
  readonly json: { readonly [name: string]: unknown };
}

/** Asks the container of a task, as the platform does. `token`: what it shows. */
export function postTo(
  port: number,
  { path, body, token }: { path: string; body: unknown; token: string },
): Promise<TaskAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers: { 'X-Vibrissa-Token': token }, agent: false },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(text) as TaskAnswer['json'] }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}
