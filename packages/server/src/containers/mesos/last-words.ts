import type { SandboxLogs, SandboxPlace, TaskRecord } from '@vibrissa/mesos';

import { tellingLine } from './telling-line.ts';

/** What is read of the end of a file in which a reason is looked for. */
const TAIL_BYTES = 4096;

/** Where the files of a task are. Undefined: it was never placed, or nobody has told where. */
export function placeOf(record: TaskRecord, frameworkId: string | undefined): SandboxPlace | undefined {
  const agentUrl = record.placement?.agentUrl;
  if (agentUrl === undefined || frameworkId === undefined) return undefined;
  return { agentUrl, frameworkId, executorId: record.status?.executor_id?.value ?? record.mesosTaskId };
}

/** The most telling line at the end of what the task itself has written to its standard error; undefined when there is none to be had. */
export async function lastWords(sandboxes: SandboxLogs, place: SandboxPlace): Promise<string | undefined> {
  try {
    let text = '';
    const pages = sandboxes.read(place, { file: 'stderr', from: { lastBytes: TAIL_BYTES } });
    for await (const page of pages) text += page.text;
    return tellingLine(text);
  } catch {
    return undefined;
  }
}
