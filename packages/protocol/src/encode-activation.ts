import { statusTexts, type ActivationRecord, type ActivationResponse } from './activation.ts';
import type { ActionLimits } from './entities.ts';

const limitsJson = new WeakMap<ActionLimits, string>();

/** `limits` annotations repeat for every activation of an action, so their text is kept beside the object. */
function encodeLimits(limits: ActionLimits): string {
  let json = limitsJson.get(limits);
  if (json === undefined) {
    const { concurrency, instances, logs, memory, timeout } = limits;
    // One that is undefined is left out.
    json = JSON.stringify({ concurrency, instances, logs, memory, timeout });
    limitsJson.set(limits, json);
  }
  return json;
}

/** The annotations of a record, in the order in which OpenWhisk adds them: a sequence has its limits last. */
function encodeAnnotations(record: ActivationRecord): string {
  const limits = record.limits && `{"key":"limits","value":${encodeLimits(record.limits)}}`;
  const isComposite = record.topmost !== undefined;
  let json = '[';
  if (isComposite) json += `{"key":"topmost","value":${record.topmost}},`;
  else if (limits !== undefined) json += `${limits},`;
  json += `{"key":"path","value":${JSON.stringify(record.path)}}`;
  if (record.kind !== undefined) json += `,{"key":"kind","value":${JSON.stringify(record.kind)}}`;
  if (record.conductor) json += ',{"key":"conductor","value":true}';
  if (record.timeout !== undefined) json += `,{"key":"timeout","value":${record.timeout}}`;
  if (record.cause !== undefined) json += ',{"key":"causedBy","value":"sequence"}';
  if (record.initTime !== undefined) json += `,{"key":"initTime","value":${record.initTime}}`;
  if (record.waitTime !== undefined) json += `,{"key":"waitTime","value":${record.waitTime}}`;
  if (record.binding !== undefined) json += `,{"key":"binding","value":${JSON.stringify(record.binding)}}`;
  if (isComposite && limits !== undefined) json += `,${limits}`;
  return `${json}]`;
}

function encodeHead(record: ActivationRecord): string {
  const { end, duration } = record;
  const cause = record.cause === undefined ? '' : `,"cause":"${record.cause}"`;
  return (
    `{"namespace":${JSON.stringify(record.namespace)},"name":${JSON.stringify(record.name)},"version":"${record.version}"` +
    `,"activationId":"${record.activationId}","start":${record.start}` +
    `${end === undefined ? '' : `,"end":${end}`}${duration === undefined ? '' : `,"duration":${duration}`}` +
    `${cause},"publish":false,"annotations":${encodeAnnotations(record)}`
  );
}

/** The `response` member of a record, and the answer of `GET …/activations/{id}/result`. */
export function encodeResponse(response: ActivationResponse): string {
  const { statusCode, resultJson, size } = response;
  return (
    `{"status":"${statusTexts[statusCode]}","success":${statusCode === 0},"result":${resultJson}` +
    `${size === undefined ? '' : `,"size":${size}`}}`
  );
}

/** An item of an activation list: no response, a numeric `statusCode`. */
export function encodeSummary(record: ActivationRecord): string {
  return `${encodeHead(record)},"statusCode":${record.response.statusCode}}`;
}

/** The extended record, as clients get it. The result's text is copied, not parsed. */
export function encodeActivation(record: ActivationRecord, logs: readonly string[]): string {
  return (
    `${encodeHead(record)},"subject":${JSON.stringify(record.subject)}` +
    `,"response":${encodeResponse(record.response)},"logs":${logs.length === 0 ? '[]' : JSON.stringify(logs)}}`
  );
}
