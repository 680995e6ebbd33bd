import { request, type IncomingMessage } from 'node:http';

const API = '/v1.41';

/** An answer of the Engine that says no. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface DockerAnswer {
  readonly status: number;
  readonly text: string;
}

/** The few calls of the Docker Engine's API that tasks need, over its socket. */
export class DockerEngine {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** Rejects with a {@link DockerError}, or with node's error when nobody listens. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body);
    const { status, text } = await readText(response);
    if (status >= 400) throw new DockerError(status, messageOf(text));
    return parse(text);
  }

  /** The raw answer, as logs come. */
  async open(path: string): Promise<IncomingMessage> {
    const response = await this.#send('GET', path);
    if ((response.statusCode ?? 0) < 400) return response;
    const { status, text } = await readText(response);
    throw new DockerError(status, messageOf(text));
  }

  /** A pull answers 200 and tells failures in its progress. */
  async pull(image: string): Promise<void> {
    const colon = image.lastIndexOf(':');
    const hasTag = colon > image.lastIndexOf('/');
    const query = new URLSearchParams({
      fromImage: hasTag ? image.slice(0, colon) : image,
      tag: hasTag ? image.slice(colon + 1) : 'latest',
    });
    const response = await this.#send('POST', `/images/create?${query}`);
    const { status, text } = await readText(response);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const failure = lines.map((line) => (parse(line) as { error?: string }).error).find(Boolean);
    if (status >= 400 || failure) throw new DockerError(status, failure ?? messageOf(text));
  }

  #send(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const call = request({
        socketPath: this.socketPath,
        method,
        path: `${API}${path}`,
        agent: false,
        headers:
          body === undefined ? { Host: 'docker' } : { Host: 'docker', 'Content-Type': 'application/json' },
      });
      call.once('response', resolve);
      call.once('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

async function readText(response: IncomingMessage): Promise<DockerAnswer> {
  const pieces: Buffer[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
  return { status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function messageOf(text: string): string {
  return (parse(text) as { message?: string }).message ?? text.trim();
}
