import type { WireResource } from '@vibrissa/mesos/wire';
import type { ActiveRule } from '../faults/fault-rules.ts';
import type { AgentSnapshot, FrameworkSnapshot, MasterSnapshot, TaskSnapshot } from '../master/snapshot.ts';
import { summarize } from '../operator/resource-summary.ts';
import { html, Html } from './html.ts';
import { style } from './style.ts';

/** What an agent's process is like, which its master may not know. */
export interface PageAgent {
  readonly number: number;
  readonly url: string;
  readonly agentId: string;
  readonly running: boolean;
  readonly partitioned: boolean;
}

export interface PageContent {
  readonly snapshot: MasterSnapshot;
  readonly agents: readonly PageAgent[];
  /** Rules that are in force. */
  readonly faults: readonly ActiveRule[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Ended tasks beyond these are not shown. */
const SHOWN_ENDED_TASKS = 50;

const tones: Readonly<Record<string, string>> = {
  TASK_RUNNING: 'good',
  TASK_FINISHED: 'good',
  TASK_STAGING: 'wait',
  TASK_STARTING: 'wait',
  TASK_KILLING: 'wait',
  TASK_UNREACHABLE: 'wait',
  TASK_KILLED: 'soft',
};

function resourceText(resources: readonly WireResource[]): string {
  const { cpus = 0, mem = 0, disk = 0, gpus = 0, ports } = summarize(resources);
  const parts = [`${cpus} cpus`, `${mem} MB`];
  if (disk !== 0) parts.push(`${disk} MB disk`);
  if (gpus !== 0) parts.push(`${gpus} gpus`);
  if (ports !== undefined) parts.push(`ports ${String(ports).replaceAll(/\b(\d+)-\1\b/g, '$1')}`);
  return parts.join(' · ');
}

const SHOWN_ID_LENGTH = 24;

/** Ids of masters are long and differ at their ends; the whole one shows when somebody points at it. */
function idText(id: string): Html {
  if (id.length <= SHOWN_ID_LENGTH) return html`<code>${id}</code>`;
  return html`<code title="${id}">${id.slice(0, 8)}…${id.slice(-12)}</code>`;
}

function ago(fromMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - fromMs) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function section(title: string, heads: readonly string[], rows: readonly Html[]): Html {
  if (rows.length === 0)
    return html`<h2>${title}</h2>
      <div class="empty">none</div>`;
  return html`<h2>${title} <span>${rows.length}</span></h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${heads.map((head) => html`<th>${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

function frameworkRow(framework: FrameworkSnapshot, now: number): Html {
  const { info, connected, recovered } = framework;
  const state = connected ? ['good', 'connected'] : ['wait', recovered ? 'recovered' : 'disconnected'];
  const name = info.webui_url ? html`<a href="${safeLink(info.webui_url)}">${info.name}</a>` : info.name;
  return html`<tr>
    <td>${name}</td>
    <td>${idText(framework.id)}</td>
    <td class="${state[0]}">${state[1]}</td>
    <td>${framework.roles.join(', ')}</td>
    <td>${info.user}</td>
    <td>${framework.tasks.length}</td>
    <td>${resourceText(framework.used)}</td>
    <td>${framework.offers.length}</td>
    <td>${ago(framework.registeredMs, now)}</td>
  </tr>`;
}

/** A framework's own link could be anything, a script too. */
function safeLink(url: string): string {
  return /^https?:\/\//.test(url) ? url : '#';
}

function stateOf(agent: AgentSnapshot, host: PageAgent | undefined): readonly [tone: string, text: string] {
  if (host && !host.running) return ['bad', 'stopped'];
  if (host?.partitioned) return ['bad', 'cut off'];
  if (!agent.connected) return ['wait', 'disconnected'];
  if (agent.drain) return ['wait', agent.drain.toLowerCase()];
  if (agent.deactivated) return ['wait', 'deactivated'];
  return agent.unavailability ? ['wait', 'maintenance'] : ['good', 'active'];
}

function agentRow(agent: AgentSnapshot, host: PageAgent | undefined): Html {
  const [tone, text] = stateOf(agent, host);
  const { info } = agent;
  const name = host ? html`<a href="${host.url}/state">${info.hostname}:${info.port}</a>` : info.hostname;
  return html`<tr>
    <td>${host?.number ?? ''}</td>
    <td>${name}</td>
    <td>${idText(agent.id)}</td>
    <td class="${tone}">${text}</td>
    <td>${agent.tasks.length}</td>
    <td>${resourceText(agent.used)}</td>
    <td>${resourceText(agent.total)}</td>
  </tr>`;
}

function logLinks(task: TaskSnapshot, host: PageAgent | undefined): Html {
  if (!host?.running) return html`<span class="soft">–</span>`;
  const { executorId, frameworkId, id } = task;
  const run = `/frameworks/${frameworkId}/executors/${executorId ?? id}/runs/latest`;
  const directory = executorId === undefined ? run : `${run}/tasks/${id}`;
  const link = (file: string) =>
    html`<a href="${host.url}/log?path=${encodeURIComponent(`${directory}/${file}`)}">${file}</a>`;
  return html`${link('stdout')} ${link('stderr')}`;
}

function taskRow(task: TaskSnapshot, host: PageAgent | undefined): Html {
  const { state, info } = task;
  const { message, healthy } = task.statuses.at(-1) ?? {};
  const health = healthy === undefined ? '' : healthy ? ' · healthy' : ' · unhealthy';
  return html`<tr>
    <td>${info.name}</td>
    <td>${idText(task.id)}</td>
    <td class="${tones[state] ?? 'bad'}">${state}${health}</td>
    <td>${host ? `agent ${host.number}` : task.agentId}</td>
    <td>${resourceText(info.resources)}</td>
    <td>${logLinks(task, host)}</td>
    <td class="soft">${message ?? ''}</td>
  </tr>`;
}

function faultRow({ id, rule, struck }: ActiveRule): Html {
  const { on, fault, type = 'any', frameworkId, agent, times, skip = 0 } = rule;
  const whose = frameworkId === undefined ? '' : idText(frameworkId);
  return html`<tr>
    <td>${id}</td>
    <td>${on}</td>
    <td>${type} ${agent === undefined ? whose : `of agent ${agent}`}</td>
    <td class="${times !== undefined && struck >= times ? 'soft' : 'bad'}">${fault.kind}</td>
    <td>${struck}${times === undefined ? '' : ` of ${times}`}${skip === 0 ? '' : `, after ${skip}`}</td>
  </tr>`;
}

const taskHeads = ['Name', 'Id', 'State', 'Agent', 'Resources', 'Logs', 'Message'];

function body({ snapshot, agents, faults, now }: PageContent): Html {
  const hosts = new Map(agents.map((agent) => [agent.agentId, agent]));
  const { info, cluster, frameworks, completedFrameworks } = snapshot;
  const rows = (tasks: readonly TaskSnapshot[]) =>
    tasks.map((task) => taskRow(task, hosts.get(task.agentId)));
  const offers = frameworks.flatMap((framework) => framework.offers.map((offer) => ({ framework, offer })));
  const ended = [...frameworks, ...completedFrameworks].flatMap(({ completedTasks }) => completedTasks);
  return html`<header>
      <h1>Mesos simulator</h1>
      <span>${cluster ?? ''}</span><span>master ${info.hostname}:${info.port}</span
      ><span>version ${info.version}</span> <span>${idText(info.id)}</span>
      <span>control: <a href="/simulator">/simulator</a></span>
    </header>
    ${faults.length === 0 ? '' : section('Faults', ['#', 'On', 'Messages', 'Fault', 'Struck'], faults.map(faultRow))}
    ${section(
      'Frameworks',
      ['Name', 'Id', 'State', 'Roles', 'User', 'Tasks', 'Used', 'Offers', 'Since'],
      frameworks.map((framework) => frameworkRow(framework, now)),
    )}
    ${section(
      'Agents',
      ['#', 'Address', 'Id', 'State', 'Tasks', 'Used', 'Total'],
      snapshot.agents.map((agent) => agentRow(agent, hosts.get(agent.id))),
    )}
    ${section('Tasks', taskHeads, rows(frameworks.flatMap(({ tasks, unreachableTasks }) => [...tasks, ...unreachableTasks])))}
    ${section(
      'Offers',
      ['Id', 'Framework', 'Role', 'Agent', 'Resources'],
      offers.map(
        ({ framework, offer }) =>
          html`<tr>
            <td>${idText(offer.id.value)}</td>
            <td>${framework.info.name}</td>
            <td>${offer.allocation_info?.role ?? '*'}</td>
            <td>${offer.hostname}</td>
            <td>${resourceText(offer.resources)}</td>
          </tr>`,
      ),
    )}
    ${section('Ended tasks', taskHeads, rows(ended.slice(-SHOWN_ENDED_TASKS).toReversed()))}
    ${section(
      'Removed frameworks',
      ['Name', 'Id'],
      completedFrameworks.map(
        ({ info: gone, id }) =>
          html`<tr>
            <td>${gone.name}</td>
            <td>${idText(id)}</td>
          </tr>`,
      ),
    )}`;
}

/** Replaces what it shows while somebody looks at it. */
const script = `
setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (answer.ok && fresh.querySelector('main')) document.querySelector('main').replaceWith(fresh.querySelector('main'));
  } catch { /* It is down; the next time perhaps not. */ }
}, 2000);
`;

/** The whole page, without anything from elsewhere. */
export function renderPage(content: PageContent): string {
  const { hostname, port } = content.snapshot.info;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Mesos simulator ${hostname}:${port}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>${body(content)}</main>
        <script>
          ${new Html(script)};
        </script>
      </body>
    </html>`;
  return `${page.text}\n`;
}
