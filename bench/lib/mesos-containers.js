// Containers and agents of a virtual cluster that cost next to nothing: each port of each agent answers as a runtime does as soon as
// the agent exists, and each agent serves the logs of its tasks.
import { createHmac } from 'node:crypto';
import http from 'node:http';

const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const FIRST_PORT = 21_000;
const AGENT_PORT = 5051;

const scalar = (name, value) => ({ name, type: 'SCALAR', scalar: { value } });

/** An agent of the virtual cluster with so many ports. */
export const agentWith = (ports) => ({
  resources: [
    scalar('cpus', 64),
    scalar('mem', 65_536),
    scalar('disk', 100_000),
    {
      name: 'ports',
      type: 'RANGES',
      ranges: { range: [{ begin: FIRST_PORT, end: FIRST_PORT + ports - 1 }] },
    },
  ],
});

/** The virtual cluster says that its agents have addresses of 10.1.0.0/24; here they answer at these. */
export const readdressed = (text) => text.replaceAll('"10.1.0.', '"127.77.0.');

const addressOf = (agent) => `127.77.0.${agent}`;

function answer(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** As runtimes prove that they know the token, before it is shown to them. */
function proofOf({ token }, { headers }) {
  const proof = createHmac('sha256', token).update(`vibrissa-prove:${headers['x-vibrissa-nonce']}`);
  return { proof: proof.digest('base64url') };
}

function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 511 }, resolve);
  });
}

export class FreeContainers {
  /** Of each address and port: what was written, and whether there is code. */
  #containers = new Map();
  /** By the task's id. */
  #tasks = new Map();

  static async listen({ agents, ports }) {
    const containers = new FreeContainers();
    for (let agent = 1; agent <= agents; agent++) {
      const host = addressOf(agent);
      const files = http.createServer((request, response) => containers.#readFile(request, response));
      await listen(files, host, AGENT_PORT);
      for (let port = FIRST_PORT; port < FIRST_PORT + ports; port++) {
        const place = `${host}:${port}`;
        const runtime = http.createServer((request, response) => containers.#run(place, request, response));
        await listen(runtime, host, port);
      }
    }
    return containers;
  }

  /** Notes where the tasks of an ACCEPT are. `agentOf` tells an agent's number by its id. */
  accepted({ accept }, agentOf) {
    for (const { launch } of accept.operations ?? []) {
      for (const { task_id: id, agent_id: agent, command, resources } of launch?.task_infos ?? []) {
        const port = resources.find(({ name }) => name === 'ports').ranges.range[0].begin;
        const token = command.environment.variables.find(({ name }) => name === '__OW_TOKEN').value;
        const container = { stdout: '', stderr: '', initialised: false, token };
        this.#containers.set(`${addressOf(agentOf(agent.value))}:${port}`, container);
        this.#tasks.set(id.value, container);
      }
    }
  }

  #run(place, request, response) {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const container = this.#containers.get(place);
      if (container && request.url === '/prove') return answer(response, 200, proofOf(container, request));
      if (!container || request.headers['x-vibrissa-token'] !== container.token)
        return answer(response, 403, { error: 'no' });
      if (request.url === '/status')
        return answer(response, 200, { initialised: container.initialised, running: 0 });
      const { value } = JSON.parse(Buffer.concat(parts).toString());
      const mark = request.headers['x-vibrissa-sentinel'];
      if (mark !== undefined) {
        container.stdout += `${SENTINEL} ${mark}\n`;
        container.stderr += `${SENTINEL} ${mark}\n`;
      }
      if (request.url === '/run') return answer(response, container.initialised ? 200 : 502, value);
      container.initialised = true;
      return answer(response, 200, { ok: true });
    });
  }

  #readFile({ url }, response) {
    const { searchParams } = new URL(url, 'http://agent');
    const [, task, file] = /\/executors\/([^/]+)\/runs\/latest\/(\w+)$/.exec(searchParams.get('path')) ?? [];
    const text = this.#tasks.get(task)?.[file];
    if (text === undefined) return answer(response, 404, { error: 'no such file' });
    const offset = Number(searchParams.get('offset'));
    if (offset < 0) return answer(response, 200, { data: '', offset: text.length });
    const length = Number(searchParams.get('length') ?? 65_536);
    return answer(response, 200, { data: text.slice(offset, offset + length), offset });
  }
}
