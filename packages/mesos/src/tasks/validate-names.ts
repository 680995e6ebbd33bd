/** Names become directories of an agent's work directory: what Mesos's master refuses in ids. */
const forbiddenInIds = /[\u0000-\u001f\u007f/\\]/u;
const loneSurrogate = /\p{Surrogate}/u;
const maxIdBytes = 255;
/** A repeated launch has a number: a dot and up to ten digits. */
const maxSuffixBytes = 11;
const maxTaskIdBytes = maxIdBytes - maxSuffixBytes;

/**
 * What is wrong with an id of a task, executor or framework, as the end of a sentence; undefined when nothing is.
 * The rules are the master's: it counts bytes, and answers TASK_ERROR for what breaks them.
 */
export function idProblem(id: string): string | undefined {
  if (id === '') return "it can't be empty; give it a character at least";
  if (id === '.' || id === '..') return 'it would name a directory of the agent; give another one';
  if (Buffer.byteLength(id) > maxIdBytes) {
    return `it has ${Buffer.byteLength(id)} bytes; Mesos takes at most ${maxIdBytes}`;
  }
  if (forbiddenInIds.test(id)) {
    return "Mesos allows no '/', no '\\' and no control characters in it; use letters, digits, '-', '_' and '.'";
  }
  return loneSurrogate.test(id) ? 'it is no valid Unicode text; give another one' : undefined;
}

/** What is wrong with the id that a task or group is submitted with: what its launches are called must be an id, too. */
export function submittedIdProblem(id: string): string | undefined {
  const bytes = Buffer.byteLength(id);
  return bytes > maxTaskIdBytes
    ? `it has ${bytes} bytes, and may have ${maxTaskIdBytes}; Mesos takes at most ${maxIdBytes}, and ${maxSuffixBytes} are for the number of a repeated launch`
    : idProblem(id);
}

/**
 * What is wrong with a role's name, as the end of a sentence; undefined when nothing is. `*` is the default role;
 * `a/b` is a role below `a`.
 */
export function roleProblem(role: string): string | undefined {
  if (role === '*') return undefined;
  if (role === '') return "it can't be empty; leave it out, or give '*' for the default role";
  if (/[\s\u0008\u007f\\]/u.test(role)) return 'Mesos allows no white space and no backslash in it';
  for (const part of role.split('/')) {
    if (part === '')
      return "it begins, ends or doubles '/', which only stands between a role and the one below it";
    if (part === '.' || part === '..' || part === '*') return `'${part}' is no name of a role`;
    if (part.startsWith('-')) return "Mesos allows no '-' at its beginning";
  }
  return undefined;
}
