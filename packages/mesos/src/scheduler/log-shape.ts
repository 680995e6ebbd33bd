import { shapes, type Shape } from '../tasks/shape.ts';

const { amount, text, flag, object } = shapes;

const lines = amount({ max: 1e9, whole: true, give: 'a number of lines' });
const bytes = amount({ max: 2 ** 53, whole: true, give: 'a number of bytes' });

const signal: Shape = (value, at) =>
  value instanceof AbortSignal ? undefined : `${at} is no AbortSignal: give that of an AbortController.`;

const start: Shape = (value, at) => {
  const [name, ...others] = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (name === undefined || others.length > 0) {
    return `${at} says where to begin: give one of { offset }, { lastBytes } and { lastLines }.`;
  }
  return object({}, { offset: bytes, lastBytes: bytes, lastLines: lines })(value, at);
};

const common = { file: text('a path in the sandbox'), follow: flag, signal };

/** What {@link LogOptions} may look like. */
export const logOptionsShape: Shape = object({}, { ...common, lines });

/** What a {@link LogRequest} may look like. */
export const logRequestShape: Shape = object({}, { ...common, from: start, ended: signal });
