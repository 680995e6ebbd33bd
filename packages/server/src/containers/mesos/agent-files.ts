import { SandboxError, type HttpAsker, type TaskRecord } from '@vibrissa/mesos';

/** What is read of the end of a file in which a reason is looked for. */
const TAIL_BYTES = 8192;
/** Lines of Mesos's own executors (glog). */
const chatter = /^[IWEF]\d{4,8} \d\d:\d\d:\d\d/;

/** Where the files of a task are. */
export interface TaskPlace {
  /** `http://10.0.0.7:5051` */
  readonly origin: string;
  /** `/frameworks/…/runs/latest` */
  readonly directory: string;
}

/** Undefined: the task was never placed, or nobody has told where. */
export function placeOf(record: TaskRecord, frameworkId: string | undefined): TaskPlace | undefined {
  const url = record.placement?.agentUrl;
  if (url === undefined || frameworkId === undefined) return undefined;
  const { hostname, ip, port } = url.address;
  const host = (url.scheme === 'https' ? hostname || ip : ip || hostname) ?? '';
  const executorId = record.status?.executor_id?.value ?? record.mesosTaskId;
  return {
    origin: `${url.scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    directory: `/frameworks/${frameworkId}/executors/${executorId}/runs/latest`,
  };
}

/** Small questions about the files of tasks that their agents answer; the logs are read by the scheduler's client. */
export class AgentFiles {
  readonly #http: HttpAsker;

  constructor(http: HttpAsker) {
    this.#http = http;
  }

  /** A file's length now. Rejects when the agent doesn't say. */
  async size(place: TaskPlace, file: string): Promise<number> {
    return (await this.#read(place, file, 'offset=-1')).offset;
  }

  /** The last line that the task itself has written to its standard error; undefined when there is none to be had. */
  async lastWords(place: TaskPlace): Promise<string | undefined> {
    try {
      const size = await this.size(place, 'stderr');
      const from = Math.max(0, size - TAIL_BYTES);
      const { data } = await this.#read(place, 'stderr', `offset=${from}&length=${TAIL_BYTES}`);
      const lines = data.split('\n').map((line) => line.trim());
      return lines.findLast((line) => line !== '' && !chatter.test(line));
    } catch {
      return undefined;
    }
  }

  async #read(place: TaskPlace, file: string, query: string): Promise<{ data: string; offset: number }> {
    const path = encodeURIComponent(`${place.directory}/${file}`);
    const reply = await this.#http.ask({ origin: place.origin, path: `/files/read?path=${path}&${query}` });
    const answer = reply.status === 200 ? (JSON.parse(reply.body.toString()) as Partial<FileAnswer>) : {};
    if (typeof answer.data === 'string' && typeof answer.offset === 'number') {
      return { data: answer.data, offset: answer.offset };
    }
    throw new SandboxError('SANDBOX_REFUSED', `The agent at ${place.origin} answers ${reply.status}`);
  }
}

interface FileAnswer {
  readonly data: string;
  readonly offset: number;
}
