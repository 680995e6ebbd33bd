import type { StepFields } from '../../base/trail.ts';
import type { Span } from '../trails.ts';

/** Who sends the spans. */
export interface SpanResource {
  readonly version: string;
  /** Tells instances apart. */
  readonly instance: string;
}

/** OTLP's numbers. */
const INTERNAL = 1;
const SERVER = 2;
const ERROR = 2;
const FIRST_SERVER_ERROR = 500;

type AttributeValue =
  { stringValue: string } | { intValue: string } | { doubleValue: number } | { boolValue: boolean };

function valueOf(value: string | number | boolean): AttributeValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function attributesOf(fields: StepFields, prefix: string) {
  return Object.entries(fields)
    .filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined)
    .map(([key, value]) => ({ key: prefix + key, value: valueOf(value) }));
}

function isError({ error, status }: StepFields): boolean {
  return error !== undefined || (typeof status === 'number' && status >= FIRST_SERVER_ERROR);
}

/** Epoch nanoseconds as OTLP's JSON has them: a text, because the number is too large for JSON. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return (BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))).toString();
}

function encodeSpan({ context, endMs, fields, name, parentSpanId, startMs }: Span) {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name,
    kind: name === 'receive' ? SERVER : INTERNAL,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf(fields, 'vibrissa.'),
    ...(isError(fields) && {
      status: { code: ERROR, ...(fields.error !== undefined && { message: String(fields.error) }) },
    }),
  };
}

/** The body of `POST /v1/traces` in OTLP's JSON encoding (opentelemetry-proto 1.x). */
export function encodeSpans(spans: readonly Span[], { instance, version }: SpanResource): string {
  const resource = {
    'service.name': 'vibrissa',
    'service.version': version,
    'service.instance.id': instance,
  };
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource, '') },
        scopeSpans: [{ scope: { name: 'vibrissa', version }, spans: spans.map(encodeSpan) }],
      },
    ],
  });
}
